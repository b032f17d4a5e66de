"""What Airflow's env.py compares with; its naming convention names the constraints that its revisions drop."""

from airflow.models import import_all_models
from airflow.models.base import Base

__all__ = ["Base"]

import_all_models()
