# The bot alone: docker build -t rsvno . && docker run -e RSVNO_TOKEN -v rsvno:/data rsvno
FROM python:3.13-slim
WORKDIR /app
COPY pyproject.toml README.md LICENSE NOTICE constraints.txt ./
COPY bot bot
COPY knowledge knowledge
RUN pip install --no-cache-dir --constraint constraints.txt . && useradd --create-home rsvno && mkdir /data && chown rsvno /data
USER rsvno
ENV RSVNO_DATA_FOLDER=/data
VOLUME /data
STOPSIGNAL SIGTERM
ENTRYPOINT ["rsvno"]
CMD ["run"]
