FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=crm_ledger.settings
RUN useradd --system --uid 10001 --home-dir /app ledger \
    && mkdir -p /app /data/evidence /data/metrics /data/receipts /data/signing /data/checkpoints /data/mirror \
    && chown -R ledger /data
WORKDIR /app

COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

COPY . .
# Only this step runs with DEBUG: it needs some key, which no later step sees.
RUN DEBUG=1 SECRET_KEY=for-the-build-only python manage.py collectstatic --no-input

USER ledger
EXPOSE 8000
CMD ["gunicorn", "--config", "python:crm_ledger.gunicorn_conf", "--bind", "0.0.0.0:8000"]
