//! Columns that many tables have: their structs embed them by name (`shared(…)`).

use chrono::{DateTime, NaiveDateTime, Utc};
use ops_migrate_derive::OpsModel;

/// When a row was made.
#[derive(OpsModel)]
#[ops(columns)]
pub struct Created {
    #[ops(default = "now()")]
    pub created_on: DateTime<Utc>,
}

/// When a row was made, by the clock on the wall.
#[derive(OpsModel)]
#[ops(columns)]
pub struct Recorded {
    #[ops(default = "CURRENT_TIMESTAMP")]
    pub created_on: NaiveDateTime,
}
