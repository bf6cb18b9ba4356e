"""What a county office prints: reports and forms of one incident, ledgers, as Word, PDF and Excel. Nothing here reads
or writes anything but bytes.
"""
