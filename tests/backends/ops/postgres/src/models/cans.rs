//! Common accounting numbers (CANs) and the money behind them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use ops_migrate_derive::OpsModel;

use crate::enums::{CanArrangement, FundingSource, TransferMethod};
use crate::models::portfolios::Portfolio;
use crate::schema::{can_funding_budgets, can_funding_details, can_funding_received, cans};

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, OpsModel)]
#[diesel(table_name = can_funding_details, check_for_backend(diesel::pg::Pg))]
#[ops(check("active_period > 0"))]
pub struct CanFundingDetails {
    pub id: i32,
    #[ops(max_length = 30)]
    pub fund_code: String,
    pub fiscal_year: i32,
    pub allowance: Option<String>,
    pub sub_allowance: Option<String>,
    pub allotment: Option<String>,
    pub arrangement_type: Option<CanArrangement>,
    pub method_of_transfer: Option<TransferMethod>,
    #[ops(default = "'office'")]
    pub funding_source: FundingSource,
    #[ops(default = 1)]
    pub active_period: i32,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = cans, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Portfolio), belongs_to(CanFundingDetails, foreign_key = funding_details_id))]
#[ops(shared(Recorded), comment = "Common accounting numbers: the accounts that money is planned against.")]
pub struct Can {
    #[ops(sequence)]
    pub id: i32,
    #[ops(max_length = 30, unique)]
    pub number: String,
    pub description: Option<String>,
    #[ops(comment = "What people call the account; not unique.")]
    pub nick_name: Option<String>,
    pub purpose: Option<String>,
    pub expires_on: Option<NaiveDate>,
    #[ops(index, references(portfolios.id))]
    pub portfolio_id: i32,
    #[ops(references(can_funding_details.id))]
    pub funding_details_id: Option<i32>,
    pub created_on: NaiveDateTime,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = cans)]
pub struct NewCan<'a> {
    pub number: &'a str,
    pub description: Option<&'a str>,
    pub nick_name: Option<&'a str>,
    pub portfolio_id: i32,
}

#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = cans)]
pub struct CanChanges<'a> {
    pub description: Option<&'a str>,
    pub nick_name: Option<&'a str>,
    pub purpose: Option<&'a str>,
    pub portfolio_id: Option<i32>,
}

/// Without its money: `NUMERIC` needs a Diesel feature that is off here.
#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = can_funding_budgets, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Can))]
#[ops(
    shared(Created),
    column(budget, precision(14, 2)),
    unique(can_id, fiscal_year, name = "can_funding_budgets_year_key"),
    comment = "What an account is expected to get in a fiscal year."
)]
pub struct CanFundingBudget {
    pub id: i32,
    #[ops(references(cans.id, on_delete = cascade))]
    pub can_id: i32,
    #[ops(index(name = "can_funding_budgets_year_idx", include(budget)))]
    pub fiscal_year: i32,
    #[ops(default = "''")]
    pub notes: String,
    pub created_on: DateTime<Utc>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = can_funding_received, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Can))]
#[ops(shared(Created), column(funding, precision(14, 2)), comment = "What it did get.")]
pub struct CanFundingReceived {
    pub id: i32,
    #[ops(references(cans.id, on_delete = cascade))]
    pub can_id: i32,
    pub fiscal_year: i32,
    #[ops(default = "''")]
    pub notes: String,
    pub created_on: DateTime<Utc>,
}
