DROP TABLE IF EXISTS __ops_migrate_journal;
DROP TABLE IF EXISTS __ops_migrate_meta;
