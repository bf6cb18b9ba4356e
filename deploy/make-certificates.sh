#!/bin/sh
# Makes an authority of this installation's own, and a certificate with its key for each service, into the folder $1:
#
#   deploy/make-certificates.sh /srv/huiying/tls
#
# A second run leaves the authority and makes the certificates anew: do so before they expire, then start the services
# again. Whoever has ca.key can pass for any of them: keep it elsewhere. As root, keys are given to the users that the
# containers run as, and no other user of this host may enter the folder.
set -eu

folder=${1:?the folder to write to}
days=${CERTIFICATE_DAYS:-397}
mkdir -p "$folder"
cd "$folder"
umask 077

new_key() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}

if [ ! -e ca.key ]; then
    new_key ca.key
    openssl req -x509 -new -key ca.key -days 3650 -subj '/CN=Huiying' -out ca.pem \
        -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' -addext 'keyUsage=critical,keyCertSign,cRLSign'
fi

# $1 service, which is also the name that whoever calls it looks for, $2 user of its container. It serves and calls with one
# certificate.
certify() {
    new_key "$1.key"
    openssl req -new -key "$1.key" -subj "/CN=$1" -out "$1.csr"
    printf '%s\n' "subjectAltName=DNS:$1,DNS:localhost,IP:127.0.0.1" 'basicConstraints=CA:FALSE' \
        'keyUsage=critical,digitalSignature' 'extendedKeyUsage=serverAuth,clientAuth' > "$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days "$days" -extfile "$1.ext" -out "$1.pem" 2>/dev/null
    rm "$1.csr" "$1.ext"
    if [ "$(id -u)" -eq 0 ]; then
        chown "$2" "$1.key"
    fi
}

certify postgres 999
certify temporal 1000
certify huiying 10001
certify temporal-ui 1000
# The UI's image may run as any user; the folder keeps others of this host out.
chmod 0644 temporal-ui.key
chmod 0644 ./*.pem
echo "certificates for $days days are in $folder"
