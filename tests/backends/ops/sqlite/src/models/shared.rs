//! Columns that many tables have: their structs embed them by name (`shared(…)`).

use chrono::NaiveDateTime;
use ops_migrate_derive::OpsModel;

/// When a row was made, by the clock on the wall.
#[derive(OpsModel)]
#[ops(columns)]
pub struct Recorded {
    #[ops(default = "CURRENT_TIMESTAMP")]
    pub created_on: NaiveDateTime,
}
