"""The made-up records of the tests of the reports serve here as well."""

from __future__ import annotations

from tests.reports.conftest import claims, record, report, schema, validator

__all__ = ["claims", "record", "report", "schema", "validator"]
