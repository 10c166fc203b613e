//! Agreements of four kinds, what is bought under them, and what hangs on them.
#![allow(
    clippy::duplicated_attributes,
    reason = "clippy takes two indexes that share a column for one attribute written twice"
)]

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use ops_migrate_derive::OpsModel;

use crate::enums::{AgreementKind, AgreementReason, BudgetLineStatus, ContractType, InteragencyDirection, VendorType};
use crate::models::cans::Can;
use crate::models::people::User;
use crate::models::portfolios::Project;
use crate::schema::{
    agreement_tags, agreement_team_members, agreements, budget_line_items, comments, contract_agreements,
    direct_agreements, documents, grant_agreements, grants, interagency_agreements, product_service_codes,
    services_components, tags, vendor_contacts, vendors,
};

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = agreements, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Project), belongs_to(ProductServiceCode))]
#[ops(
    shared(Recorded),
    index("lower(name)", name = "agreements_name_lower_idx"),
    check("ends_on IS NULL OR ends_on >= starts_on", name = "agreements_period_check")
)]
pub struct Agreement {
    #[ops(sequence)]
    pub id: i32,
    pub kind: AgreementKind,
    pub name: String,
    pub description: Option<String>,
    pub reason: Option<AgreementReason>,
    pub incumbent: Option<String>,
    #[ops(index, references(projects.id))]
    pub project_id: Option<i32>,
    #[ops(index(where = "project_officer_id IS NOT NULL"), references(users.id, on_delete = set_null))]
    pub project_officer_id: Option<i32>,
    #[ops(references(procurement_shops.id))]
    pub procurement_shop_id: Option<i32>,
    #[ops(references(product_service_codes.id))]
    pub product_service_code_id: Option<i32>,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    #[ops(references(users.id))]
    pub created_by: Option<i32>,
    pub created_on: NaiveDateTime,
    #[ops(default = "CURRENT_TIMESTAMP")]
    pub updated_on: NaiveDateTime,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = agreements)]
pub struct NewAgreement<'a> {
    pub kind: AgreementKind,
    pub name: &'a str,
    pub description: Option<&'a str>,
    pub project_id: Option<i32>,
    pub project_officer_id: Option<i32>,
    pub created_by: Option<i32>,
}

#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = agreements)]
pub struct AgreementChanges<'a> {
    pub name: Option<&'a str>,
    pub description: Option<Option<&'a str>>,
    pub reason: Option<Option<AgreementReason>>,
    pub project_officer_id: Option<Option<i32>>,
    pub starts_on: Option<Option<NaiveDate>>,
    pub ends_on: Option<Option<NaiveDate>>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Insertable, Associations, OpsModel)]
#[diesel(table_name = agreement_team_members, primary_key(agreement_id, user_id), check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Agreement), belongs_to(User))]
pub struct AgreementTeamMember {
    #[ops(references(agreements.id, on_delete = cascade))]
    pub agreement_id: i32,
    #[ops(references(users.id, on_delete = cascade))]
    pub user_id: i32,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Insertable, AsChangeset, Associations, OpsModel)]
#[diesel(table_name = contract_agreements, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Agreement, foreign_key = id), belongs_to(Vendor))]
pub struct ContractAgreement {
    #[ops(references(agreements.id, on_delete = cascade))]
    pub id: i32,
    #[ops(max_length = 50)]
    pub contract_number: Option<String>,
    #[ops(max_length = 50)]
    pub task_order_number: Option<String>,
    pub contract_type: Option<ContractType>,
    #[ops(references(vendors.id, on_delete = set_null))]
    pub vendor_id: Option<i32>,
}

/// A contract as lists show it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = agreements, check_for_backend(diesel::pg::Pg))]
pub struct ContractSummary {
    #[diesel(embed)]
    pub agreement: Agreement,
    #[diesel(embed)]
    pub contract: ContractAgreement,
    #[diesel(select_expression = vendors::name.nullable())]
    pub vendor_name: Option<String>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Insertable, Associations, OpsModel)]
#[diesel(table_name = grant_agreements, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Agreement, foreign_key = id))]
pub struct GrantAgreement {
    #[ops(references(agreements.id, on_delete = cascade))]
    pub id: i32,
    pub funding_opportunity: Option<String>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Insertable, Associations, OpsModel)]
#[diesel(table_name = direct_agreements, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Agreement, foreign_key = id))]
pub struct DirectAgreement {
    #[ops(references(agreements.id, on_delete = cascade))]
    pub id: i32,
    pub payee: String,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Insertable, Associations, OpsModel)]
#[diesel(table_name = interagency_agreements, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Agreement, foreign_key = id))]
pub struct InteragencyAgreement {
    #[ops(references(agreements.id, on_delete = cascade))]
    pub id: i32,
    #[ops(default = "''")]
    pub partner_agency: String,
    #[ops(default = "'outgoing'")]
    pub direction: InteragencyDirection,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = grants, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(GrantAgreement))]
#[ops(shared(Created))]
pub struct Grant {
    pub id: i32,
    #[ops(references(grant_agreements.id, on_delete = cascade))]
    pub grant_agreement_id: i32,
    #[ops(max_length = 40, index(name = "grants_grant_number_key", unique, where = "grant_number IS NOT NULL"))]
    pub grant_number: Option<String>,
    pub awardee: Option<String>,
    #[ops(default = "'{}'")]
    pub details: serde_json::Value,
    pub created_on: DateTime<Utc>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, OpsModel)]
#[diesel(table_name = product_service_codes, check_for_backend(diesel::pg::Pg))]
pub struct ProductServiceCode {
    #[ops(sequence)]
    pub id: i32,
    pub name: String,
    pub naics: Option<i32>,
    #[ops(max_length = 60)]
    pub support_code: Option<String>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = services_components, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Agreement))]
#[ops(
    shared(Recorded),
    index(agreement_id, number, name = "services_components_number_key", unique, where = "sub_component IS NULL"),
    index(
        agreement_id,
        number,
        sub_component,
        name = "services_components_sub_component_key",
        unique,
        where = "sub_component IS NOT NULL"
    )
)]
pub struct ServicesComponent {
    #[ops(sequence)]
    pub id: i32,
    #[ops(references(agreements.id, on_delete = cascade))]
    pub agreement_id: i32,
    pub number: i32,
    #[ops(max_length = 20)]
    pub sub_component: Option<String>,
    #[ops(default = "FALSE")]
    pub optional: bool,
    pub description: Option<String>,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
}

/// Without its money: `NUMERIC` needs a Diesel feature that is off here.
#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = budget_line_items, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Agreement), belongs_to(Can), belongs_to(ServicesComponent), belongs_to(Grant))]
#[ops(
    shared(Recorded),
    column(amount, precision(14, 2), comment = "Without the procurement shop's fee."),
    column(created_by, references(users.id)),
    column(updated_on, default = "CURRENT_TIMESTAMP"),
    column(procurement_shop_fee_id, references(procurement_shop_fees.id, on_delete = set_null)),
    index(can_id, status),
    index(date_needed desc, agreement_id, name = "budget_line_items_date_needed_idx"),
    check("amount >= 0"),
)]
pub struct BudgetLineItem {
    #[ops(sequence)]
    pub id: i32,
    #[ops(index, references(agreements.id, on_delete = cascade))]
    pub agreement_id: i32,
    #[ops(references(cans.id))]
    pub can_id: Option<i32>,
    #[ops(references(services_components.id, on_delete = set_null))]
    pub services_component_id: Option<i32>,
    #[ops(references(grants.id, on_delete = set_null))]
    pub grant_id: Option<i32>,
    pub line_description: Option<String>,
    pub comments: Option<String>,
    #[ops(default = "'draft'")]
    pub status: BudgetLineStatus,
    pub date_needed: Option<NaiveDate>,
    pub created_on: NaiveDateTime,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = budget_line_items)]
pub struct NewBudgetLineItem<'a> {
    pub agreement_id: i32,
    pub can_id: Option<i32>,
    pub line_description: Option<&'a str>,
    pub date_needed: Option<NaiveDate>,
    pub created_by: Option<i32>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, OpsModel)]
#[diesel(table_name = vendors, check_for_backend(diesel::pg::Pg))]
#[ops(index("lower(name)", name = "vendors_name_lower_idx", unique))]
pub struct Vendor {
    #[ops(sequence)]
    pub id: i32,
    pub name: String,
    pub vendor_type: Option<VendorType>,
    #[ops(max_length = 9)]
    pub duns: Option<String>,
    #[ops(default = "TRUE")]
    pub active: bool,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = vendor_contacts, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Vendor))]
pub struct VendorContact {
    #[ops(sequence)]
    pub id: i32,
    #[ops(references(vendors.id, on_delete = cascade))]
    pub vendor_id: i32,
    pub full_name: String,
    pub email: Option<String>,
    #[ops(max_length = 30)]
    pub phone: Option<String>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = documents, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Agreement))]
#[ops(shared(Recorded))]
pub struct Document {
    #[ops(sequence)]
    pub id: i32,
    #[ops(index, references(agreements.id, on_delete = cascade))]
    pub agreement_id: i32,
    pub name: String,
    #[diesel(column_name = type_)]
    pub kind: String,
    #[ops(default = 0)]
    pub size_bytes: i64,
    #[ops(unique)]
    pub storage_key: String,
    #[ops(references(users.id))]
    pub created_by: Option<i32>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, OpsModel)]
#[diesel(table_name = tags, check_for_backend(diesel::pg::Pg))]
#[ops(index("lower(name)", name = "tags_name_lower_idx", unique))]
pub struct Tag {
    pub id: i32,
    #[ops(max_length = 40)]
    pub name: String,
    #[ops(max_length = 7, default = "'#808080'")]
    pub color: String,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Insertable, Associations, OpsModel)]
#[diesel(table_name = agreement_tags, primary_key(agreement_id, tag_id), check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Agreement), belongs_to(Tag))]
pub struct AgreementTag {
    #[ops(references(agreements.id, on_delete = cascade))]
    pub agreement_id: i32,
    #[ops(references(tags.id, on_delete = cascade))]
    pub tag_id: i32,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = comments, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Agreement), belongs_to(User, foreign_key = author_id))]
#[ops(
    shared(Created),
    index(agreement_id, created_on desc, name = "comments_agreement_id_idx"),
    check("length(body) > 0"),
)]
pub struct Comment {
    pub id: i32,
    #[ops(references(agreements.id, on_delete = cascade))]
    pub agreement_id: i32,
    #[ops(references(comments.id, on_delete = cascade))]
    pub parent_id: Option<i32>,
    #[ops(references(users.id, on_delete = set_null))]
    pub author_id: Option<i32>,
    pub body: String,
    pub created_on: DateTime<Utc>,
}
