//! Agreements of four kinds, what is bought under them, and what hangs on them.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::enums::{
    AgreementKind, AgreementReason, BudgetLineStatus, ContractType, InteragencyDirection, Json, VendorType,
};
use crate::models::cans::Can;
use crate::models::people::User;
use crate::models::portfolios::Project;
use crate::schema::{
    agreement_tags, agreement_team_members, agreements, budget_line_items, comments, contract_agreements,
    direct_agreements, documents, grant_agreements, grants, interagency_agreements, product_service_codes,
    services_components, tags, vendor_contacts, vendors,
};

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = agreements, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Project), belongs_to(ProductServiceCode))]
pub struct Agreement {
    pub id: i32,
    pub kind: AgreementKind,
    pub name: String,
    pub description: Option<String>,
    pub reason: Option<AgreementReason>,
    pub incumbent: Option<String>,
    pub project_id: Option<i32>,
    pub project_officer_id: Option<i32>,
    pub procurement_shop_id: Option<i32>,
    pub product_service_code_id: Option<i32>,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub created_by: Option<i32>,
    pub created_on: NaiveDateTime,
    pub updated_on: Option<NaiveDateTime>,
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

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Insertable, Associations)]
#[diesel(table_name = agreement_team_members, primary_key(agreement_id, user_id), check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Agreement), belongs_to(User))]
pub struct AgreementTeamMember {
    pub agreement_id: i32,
    pub user_id: i32,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Insertable, AsChangeset, Associations)]
#[diesel(table_name = contract_agreements, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Agreement, foreign_key = id), belongs_to(Vendor))]
pub struct ContractAgreement {
    pub id: i32,
    pub contract_number: Option<String>,
    pub task_order_number: Option<String>,
    pub contract_type: Option<ContractType>,
    pub vendor_id: Option<i32>,
}

/// A contract as lists show it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = agreements, check_for_backend(diesel::sqlite::Sqlite))]
pub struct ContractSummary {
    #[diesel(embed)]
    pub agreement: Agreement,
    #[diesel(embed)]
    pub contract: ContractAgreement,
    #[diesel(select_expression = vendors::name.nullable())]
    pub vendor_name: Option<String>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Insertable, Associations)]
#[diesel(table_name = grant_agreements, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Agreement, foreign_key = id))]
pub struct GrantAgreement {
    pub id: i32,
    pub funding_opportunity: Option<String>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Insertable, Associations)]
#[diesel(table_name = direct_agreements, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Agreement, foreign_key = id))]
pub struct DirectAgreement {
    pub id: i32,
    pub payee: String,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Insertable, Associations)]
#[diesel(table_name = interagency_agreements, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Agreement, foreign_key = id))]
pub struct InteragencyAgreement {
    pub id: i32,
    pub partner_agency: String,
    pub direction: InteragencyDirection,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = grants, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(GrantAgreement))]
pub struct Grant {
    pub id: i32,
    pub grant_agreement_id: i32,
    pub grant_number: Option<String>,
    pub awardee: Option<String>,
    pub details: Json,
    pub created_on: NaiveDateTime,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable)]
#[diesel(table_name = product_service_codes, check_for_backend(diesel::sqlite::Sqlite))]
pub struct ProductServiceCode {
    pub id: i32,
    pub name: String,
    pub naics: Option<i32>,
    pub support_code: Option<String>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = services_components, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Agreement))]
pub struct ServicesComponent {
    pub id: i32,
    pub agreement_id: i32,
    pub number: i32,
    pub sub_component: Option<String>,
    pub optional: bool,
    pub description: Option<String>,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = budget_line_items, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Agreement), belongs_to(Can), belongs_to(ServicesComponent), belongs_to(Grant))]
pub struct BudgetLineItem {
    pub id: i32,
    pub agreement_id: i32,
    pub can_id: Option<i32>,
    pub services_component_id: Option<i32>,
    pub grant_id: Option<i32>,
    pub line_description: Option<String>,
    pub comments: Option<String>,
    pub amount: Option<f64>,
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
    pub amount: Option<f64>,
    pub date_needed: Option<NaiveDate>,
    pub created_by: Option<i32>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable)]
#[diesel(table_name = vendors, check_for_backend(diesel::sqlite::Sqlite))]
pub struct Vendor {
    pub id: i32,
    pub name: String,
    pub vendor_type: Option<VendorType>,
    pub duns: Option<String>,
    pub active: bool,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = vendor_contacts, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Vendor))]
pub struct VendorContact {
    pub id: i32,
    pub vendor_id: i32,
    pub full_name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = documents, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Agreement))]
pub struct Document {
    pub id: i32,
    pub agreement_id: i32,
    pub name: String,
    #[diesel(column_name = type_)]
    pub kind: String,
    pub size_bytes: i64,
    pub storage_key: String,
    pub created_by: Option<i32>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable)]
#[diesel(table_name = tags, check_for_backend(diesel::sqlite::Sqlite))]
pub struct Tag {
    pub id: i32,
    pub name: String,
    pub color: String,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Insertable, Associations)]
#[diesel(table_name = agreement_tags, primary_key(agreement_id, tag_id), check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Agreement), belongs_to(Tag))]
pub struct AgreementTag {
    pub agreement_id: i32,
    pub tag_id: i32,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = comments, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Agreement), belongs_to(User, foreign_key = author_id))]
pub struct Comment {
    pub id: i32,
    pub agreement_id: i32,
    pub parent_id: Option<i32>,
    pub author_id: Option<i32>,
    pub body: String,
    pub created_on: NaiveDateTime,
}
