"""The shape of the world: its tables, columns and indexes.

A column of type JSON holds a list or an object, one of type BOOLEAN true, false or null; database.py converts both. The
order of the tables is that in which rows can be added without naming one that is not there yet. `mirror_of` alone may name
an application that is gone.
"""

from __future__ import annotations

FORMAT = 3
"""Kept in the file, so that a file of another format is refused instead of misread."""

SCHEMA = """
CREATE TABLE users (
    uuid TEXT PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL, email TEXT NOT NULL, timezone TEXT NOT NULL,
    created_at TEXT NOT NULL);
CREATE TABLE organisations (uuid TEXT PRIMARY KEY, name TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE regions (uuid TEXT PRIMARY KEY, name TEXT NOT NULL, host TEXT NOT NULL, place TEXT NOT NULL);
CREATE TABLE plan_groups (uuid TEXT PRIMARY KEY, name TEXT NOT NULL, regions JSON NOT NULL);
CREATE TABLE services (
    uuid TEXT PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, description TEXT NOT NULL, identifier TEXT NOT NULL,
    region TEXT NOT NULL REFERENCES regions);
CREATE TABLE app_templates (
    uuid TEXT PRIMARY KEY, identifier TEXT NOT NULL, name TEXT NOT NULL, short_description TEXT NOT NULL, url TEXT NOT NULL,
    is_default BOOLEAN NOT NULL, "order" INTEGER NOT NULL, release_commands JSON NOT NULL, services JSON NOT NULL,
    tags JSON NOT NULL);
CREATE TABLE repositories (
    uuid TEXT PRIMARY KEY, organisation TEXT NOT NULL REFERENCES organisations, url TEXT NOT NULL, key_type TEXT,
    auth_info TEXT, created_at TEXT NOT NULL);
CREATE TABLE applications (
    uuid TEXT PRIMARY KEY, name TEXT NOT NULL, slug TEXT NOT NULL UNIQUE,
    organisation TEXT NOT NULL REFERENCES organisations, plan_group TEXT NOT NULL REFERENCES plan_groups,
    region TEXT NOT NULL REFERENCES regions, repository TEXT REFERENCES repositories, app_template TEXT,
    release_commands JSON, mirror_of TEXT, is_relation_hidden BOOLEAN NOT NULL DEFAULT 0, commits JSON NOT NULL,
    number INTEGER, created_at TEXT NOT NULL);
CREATE TABLE environments (
    uuid TEXT PRIMARY KEY, application TEXT NOT NULL REFERENCES applications ON DELETE CASCADE, slug TEXT NOT NULL,
    branch TEXT NOT NULL, secret_key TEXT NOT NULL, last_finished TEXT, last_successful TEXT, site JSON NOT NULL);
CREATE TABLE environment_variables (
    uuid TEXT PRIMARY KEY, environment TEXT NOT NULL REFERENCES environments ON DELETE CASCADE, name TEXT NOT NULL,
    value TEXT NOT NULL, is_sensitive BOOLEAN NOT NULL);
CREATE TABLE service_instances (
    uuid TEXT PRIMARY KEY, environment TEXT NOT NULL REFERENCES environments ON DELETE CASCADE,
    service TEXT NOT NULL REFERENCES services, region TEXT NOT NULL REFERENCES regions, prefix TEXT NOT NULL,
    type TEXT NOT NULL, service_status TEXT NOT NULL, dsn TEXT NOT NULL, content TEXT);
CREATE TABLE domains (
    uuid TEXT PRIMARY KEY, application TEXT NOT NULL REFERENCES applications ON DELETE CASCADE,
    domain TEXT NOT NULL UNIQUE, is_primary BOOLEAN NOT NULL, is_redirect BOOLEAN NOT NULL);
CREATE TABLE deployments (
    uuid TEXT PRIMARY KEY, application TEXT NOT NULL REFERENCES applications ON DELETE CASCADE,
    environment TEXT NOT NULL REFERENCES environments ON DELETE CASCADE, region TEXT NOT NULL REFERENCES regions,
    build_mode TEXT NOT NULL, branch TEXT NOT NULL, "commit" INTEGER NOT NULL, image TEXT, seconds REAL NOT NULL,
    started_at TEXT NOT NULL, ends_at TEXT NOT NULL, ended_at TEXT, success BOOLEAN, failure JSON, variables JSON NOT NULL,
    provisions JSON NOT NULL, sensitive JSON NOT NULL DEFAULT '[]', queued BOOLEAN NOT NULL DEFAULT 0);
CREATE TABLE activities (
    uuid TEXT PRIMARY KEY, application TEXT NOT NULL REFERENCES applications ON DELETE CASCADE, created_at TEXT NOT NULL,
    type TEXT NOT NULL, description TEXT NOT NULL, context JSON NOT NULL);
CREATE TABLE backups (
    uuid TEXT PRIMARY KEY, environment TEXT NOT NULL REFERENCES environments ON DELETE CASCADE, trigger TEXT NOT NULL,
    notes TEXT, scheduled_for_deletion_at TEXT, queued_at TEXT NOT NULL);
CREATE TABLE service_instance_backups (
    uuid TEXT PRIMARY KEY, backup TEXT NOT NULL REFERENCES backups ON DELETE CASCADE,
    service_instance TEXT NOT NULL REFERENCES service_instances ON DELETE CASCADE, ended_at TEXT, content TEXT,
    errors JSON NOT NULL);
CREATE TABLE backup_downloads (
    uuid TEXT PRIMARY KEY, backup TEXT NOT NULL REFERENCES backups ON DELETE CASCADE,
    service_instance_backups JSON NOT NULL, queued_at TEXT NOT NULL);
CREATE TABLE backup_restores (
    uuid TEXT PRIMARY KEY, backup TEXT NOT NULL REFERENCES backups ON DELETE CASCADE,
    service_instance_backups JSON NOT NULL, notes TEXT, queued_at TEXT NOT NULL);

CREATE INDEX applications_of ON applications (organisation);
CREATE INDEX mirrors_of ON applications (mirror_of);
CREATE INDEX services_in ON services (region);
CREATE INDEX domains_of ON domains (application);
CREATE INDEX deployments_of ON deployments (environment, started_at);
CREATE INDEX deployments_of_application ON deployments (application, started_at);
CREATE INDEX deployments_by_time ON deployments (started_at);
CREATE INDEX activities_of ON activities (application, created_at);
CREATE INDEX backups_of ON backups (environment);
CREATE INDEX parts_of_backups ON service_instance_backups (backup);
CREATE INDEX deployments_under_way ON deployments (ends_at) WHERE success IS NULL;
CREATE UNIQUE INDEX environments_of ON environments (application, slug);
CREATE UNIQUE INDEX variables_of ON environment_variables (environment, name);
CREATE UNIQUE INDEX instances_of ON service_instances (environment, type, prefix);
"""
