# The workers' image. Not tried where there is no container engine; the set-up inside it is the same bootstrap.py
# that every checkout runs.
FROM python:3.13-slim

WORKDIR /app
ENV UV_NO_CACHE=1 PIP_NO_CACHE_DIR=1 PYTHONUNBUFFERED=1

# First what changes seldom, so that a change of the source doesn't install the packages again.
COPY bootstrap.py ./
COPY requirements requirements
RUN python bootstrap.py run

COPY . .
# Compiled now: the running container can't write.
RUN .venv/bin/python -m compileall -q -x '/\.venv/' . \
    && install -d -o 10001 -g 10001 /var/lib/jisr

USER 10001:10001
CMD [".venv/bin/python", "worker.py"]
