//! Budget planning of a research office, on PostgreSQL: the models and the chain of
//! revisions that a backend of that kind has. Nothing here serves requests.

pub mod enums;
pub mod models;
pub mod schema;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use crate::enums::BudgetLineStatus;
use crate::models::agreements::{Agreement, BudgetLineItem, ContractSummary};
use crate::schema::{agreements, budget_line_items, contract_agreements, vendors};

/// The whole chain, compiled in.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The lines of one agreement that are still to be obligated, the most urgent first.
pub fn open_lines(conn: &mut PgConnection, agreement: &Agreement) -> QueryResult<Vec<BudgetLineItem>> {
    BudgetLineItem::belonging_to(agreement)
        .filter(budget_line_items::status.ne(BudgetLineStatus::Obligated))
        .order(budget_line_items::date_needed.asc())
        .select(BudgetLineItem::as_select())
        .load(conn)
}

/// All contracts with the name of their vendor.
pub fn contracts(conn: &mut PgConnection) -> QueryResult<Vec<ContractSummary>> {
    agreements::table
        .inner_join(contract_agreements::table.left_join(vendors::table))
        .order(agreements::name.asc())
        .select(ContractSummary::as_select())
        .load(conn)
}
