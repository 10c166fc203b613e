DROP TABLE IF EXISTS __ops_migrate_ledger;
