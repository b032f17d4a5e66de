"""Keystone's base without its tables, and the options that its first revision reads."""

import keystone.conf
from keystone.common.sql.core import ModelBase

__all__ = ["ModelBase"]

keystone.conf.configure()
