// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "agreement_kind"))]
    pub struct AgreementKind;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "agreement_reason"))]
    pub struct AgreementReason;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "budget_line_status"))]
    pub struct BudgetLineStatus;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "can_arrangement"))]
    pub struct CanArrangement;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "change_request_kind"))]
    pub struct ChangeRequestKind;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "change_request_status"))]
    pub struct ChangeRequestStatus;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "contract_type"))]
    pub struct ContractType;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "funding_source"))]
    pub struct FundingSource;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "history_kind"))]
    pub struct HistoryKind;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "interagency_direction"))]
    pub struct InteragencyDirection;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "ops_event_status"))]
    pub struct OpsEventStatus;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "ops_event_type"))]
    pub struct OpsEventType;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "portfolio_status"))]
    pub struct PortfolioStatus;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "procurement_action_status"))]
    pub struct ProcurementActionStatus;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "procurement_action_type"))]
    pub struct ProcurementActionType;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "project_kind"))]
    pub struct ProjectKind;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "tracker_status"))]
    pub struct TrackerStatus;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "transfer_method"))]
    pub struct TransferMethod;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "user_status"))]
    pub struct UserStatus;

    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "vendor_type"))]
    pub struct VendorType;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::HistoryKind;

    agreement_history (id) {
        id -> Int8,
        agreement_id -> Nullable<Int4>,
        agreement_number -> Int4,
        ops_event_id -> Nullable<Int8>,
        history_kind -> HistoryKind,
        title -> Text,
        message -> Text,
        changes -> Jsonb,
        happened_on -> Timestamptz,
        changed_by -> Nullable<Int4>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::HistoryKind;

    agreement_history_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int8,
        agreement_id -> Nullable<Int4>,
        agreement_number -> Nullable<Int4>,
        ops_event_id -> Nullable<Int8>,
        history_kind -> Nullable<HistoryKind>,
        title -> Nullable<Text>,
        message -> Nullable<Text>,
        changes -> Nullable<Jsonb>,
        happened_on -> Nullable<Timestamptz>,
        changed_by -> Nullable<Int4>,
    }
}

diesel::table! {
    agreement_tags (agreement_id, tag_id) {
        agreement_id -> Int4,
        tag_id -> Int4,
    }
}

diesel::table! {
    agreement_tags_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        agreement_id -> Int4,
        tag_id -> Int4,
    }
}

diesel::table! {
    agreement_team_members (agreement_id, user_id) {
        agreement_id -> Int4,
        user_id -> Int4,
    }
}

diesel::table! {
    agreement_team_members_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        agreement_id -> Int4,
        user_id -> Int4,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::AgreementKind;
    use super::sql_types::AgreementReason;

    agreements (id) {
        id -> Int4,
        kind -> AgreementKind,
        name -> Text,
        description -> Nullable<Text>,
        reason -> Nullable<AgreementReason>,
        incumbent -> Nullable<Text>,
        project_id -> Nullable<Int4>,
        project_officer_id -> Nullable<Int4>,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        created_by -> Nullable<Int4>,
        created_on -> Timestamp,
        procurement_shop_id -> Nullable<Int4>,
        updated_on -> Timestamp,
        product_service_code_id -> Nullable<Int4>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::AgreementKind;
    use super::sql_types::AgreementReason;

    agreements_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        kind -> Nullable<AgreementKind>,
        name -> Nullable<Text>,
        description -> Nullable<Text>,
        reason -> Nullable<AgreementReason>,
        incumbent -> Nullable<Text>,
        project_id -> Nullable<Int4>,
        project_officer_id -> Nullable<Int4>,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        created_by -> Nullable<Int4>,
        created_on -> Nullable<Timestamp>,
        procurement_shop_id -> Nullable<Int4>,
        updated_on -> Nullable<Timestamp>,
        product_service_code_id -> Nullable<Int4>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::BudgetLineStatus;

    budget_line_items (id) {
        id -> Int4,
        agreement_id -> Int4,
        can_id -> Nullable<Int4>,
        line_description -> Nullable<Text>,
        comments -> Nullable<Text>,
        amount -> Nullable<Numeric>,
        status -> BudgetLineStatus,
        date_needed -> Nullable<Date>,
        created_by -> Nullable<Int4>,
        created_on -> Timestamp,
        updated_on -> Timestamp,
        services_component_id -> Nullable<Int4>,
        procurement_shop_fee_id -> Nullable<Int4>,
        grant_id -> Nullable<Int4>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::BudgetLineStatus;

    budget_line_items_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        agreement_id -> Nullable<Int4>,
        can_id -> Nullable<Int4>,
        line_description -> Nullable<Text>,
        comments -> Nullable<Text>,
        amount -> Nullable<Numeric>,
        status -> Nullable<BudgetLineStatus>,
        date_needed -> Nullable<Date>,
        created_by -> Nullable<Int4>,
        created_on -> Nullable<Timestamp>,
        updated_on -> Nullable<Timestamp>,
        services_component_id -> Nullable<Int4>,
        procurement_shop_fee_id -> Nullable<Int4>,
        grant_id -> Nullable<Int4>,
    }
}

diesel::table! {
    can_funding_budgets (id) {
        id -> Int4,
        can_id -> Int4,
        fiscal_year -> Int4,
        budget -> Nullable<Numeric>,
        notes -> Text,
        created_on -> Timestamptz,
    }
}

diesel::table! {
    can_funding_budgets_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        can_id -> Nullable<Int4>,
        fiscal_year -> Nullable<Int4>,
        budget -> Nullable<Numeric>,
        notes -> Nullable<Text>,
        created_on -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::CanArrangement;
    use super::sql_types::TransferMethod;
    use super::sql_types::FundingSource;

    can_funding_details (id) {
        id -> Int4,
        #[max_length = 30]
        fund_code -> Varchar,
        fiscal_year -> Int4,
        allowance -> Nullable<Text>,
        sub_allowance -> Nullable<Text>,
        allotment -> Nullable<Text>,
        arrangement_type -> Nullable<CanArrangement>,
        method_of_transfer -> Nullable<TransferMethod>,
        funding_source -> FundingSource,
        active_period -> Int4,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::CanArrangement;
    use super::sql_types::TransferMethod;
    use super::sql_types::FundingSource;

    can_funding_details_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        #[max_length = 30]
        fund_code -> Nullable<Varchar>,
        fiscal_year -> Nullable<Int4>,
        allowance -> Nullable<Text>,
        sub_allowance -> Nullable<Text>,
        allotment -> Nullable<Text>,
        arrangement_type -> Nullable<CanArrangement>,
        method_of_transfer -> Nullable<TransferMethod>,
        funding_source -> Nullable<FundingSource>,
        active_period -> Nullable<Int4>,
    }
}

diesel::table! {
    can_funding_received (id) {
        id -> Int4,
        can_id -> Int4,
        fiscal_year -> Int4,
        funding -> Numeric,
        notes -> Text,
        created_on -> Timestamptz,
    }
}

diesel::table! {
    can_funding_received_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        can_id -> Nullable<Int4>,
        fiscal_year -> Nullable<Int4>,
        funding -> Nullable<Numeric>,
        notes -> Nullable<Text>,
        created_on -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::HistoryKind;

    can_history (id) {
        id -> Int8,
        can_id -> Int4,
        ops_event_id -> Nullable<Int8>,
        history_kind -> HistoryKind,
        title -> Text,
        message -> Text,
        fiscal_year -> Int4,
        happened_on -> Timestamptz,
        changed_by -> Nullable<Int4>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::HistoryKind;

    can_history_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int8,
        can_id -> Nullable<Int4>,
        ops_event_id -> Nullable<Int8>,
        history_kind -> Nullable<HistoryKind>,
        title -> Nullable<Text>,
        message -> Nullable<Text>,
        fiscal_year -> Nullable<Int4>,
        happened_on -> Nullable<Timestamptz>,
        changed_by -> Nullable<Int4>,
    }
}

diesel::table! {
    cans (id) {
        id -> Int4,
        #[max_length = 30]
        number -> Varchar,
        description -> Nullable<Text>,
        nick_name -> Nullable<Text>,
        purpose -> Nullable<Text>,
        expires_on -> Nullable<Date>,
        portfolio_id -> Int4,
        created_on -> Timestamp,
        funding_details_id -> Nullable<Int4>,
    }
}

diesel::table! {
    cans_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        #[max_length = 30]
        number -> Nullable<Varchar>,
        description -> Nullable<Text>,
        nick_name -> Nullable<Text>,
        purpose -> Nullable<Text>,
        expires_on -> Nullable<Date>,
        portfolio_id -> Nullable<Int4>,
        created_on -> Nullable<Timestamp>,
        funding_details_id -> Nullable<Int4>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::ChangeRequestKind;
    use super::sql_types::ChangeRequestStatus;

    change_requests (id) {
        id -> Int4,
        kind -> ChangeRequestKind,
        status -> ChangeRequestStatus,
        agreement_id -> Nullable<Int4>,
        budget_line_item_id -> Nullable<Int4>,
        requested_change -> Jsonb,
        requested_change_diff -> Nullable<Jsonb>,
        requestor_notes -> Nullable<Text>,
        managing_division_id -> Nullable<Int4>,
        reviewed_by -> Nullable<Int4>,
        reviewed_on -> Nullable<Timestamptz>,
        created_on -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::ChangeRequestKind;
    use super::sql_types::ChangeRequestStatus;

    change_requests_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        kind -> Nullable<ChangeRequestKind>,
        status -> Nullable<ChangeRequestStatus>,
        agreement_id -> Nullable<Int4>,
        budget_line_item_id -> Nullable<Int4>,
        requested_change -> Nullable<Jsonb>,
        requested_change_diff -> Nullable<Jsonb>,
        requestor_notes -> Nullable<Text>,
        managing_division_id -> Nullable<Int4>,
        reviewed_by -> Nullable<Int4>,
        reviewed_on -> Nullable<Timestamptz>,
        created_on -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    comments (id) {
        id -> Int4,
        agreement_id -> Int4,
        parent_id -> Nullable<Int4>,
        author_id -> Nullable<Int4>,
        body -> Text,
        created_on -> Timestamptz,
    }
}

diesel::table! {
    comments_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        agreement_id -> Nullable<Int4>,
        parent_id -> Nullable<Int4>,
        author_id -> Nullable<Int4>,
        body -> Nullable<Text>,
        created_on -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::ContractType;

    contract_agreements (id) {
        id -> Int4,
        #[max_length = 50]
        contract_number -> Nullable<Varchar>,
        #[max_length = 50]
        task_order_number -> Nullable<Varchar>,
        contract_type -> Nullable<ContractType>,
        vendor_id -> Nullable<Int4>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::ContractType;

    contract_agreements_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        #[max_length = 50]
        contract_number -> Nullable<Varchar>,
        #[max_length = 50]
        task_order_number -> Nullable<Varchar>,
        contract_type -> Nullable<ContractType>,
        vendor_id -> Nullable<Int4>,
    }
}

diesel::table! {
    direct_agreements (id) {
        id -> Int4,
        payee -> Text,
    }
}

diesel::table! {
    direct_agreements_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        payee -> Nullable<Text>,
    }
}

diesel::table! {
    divisions (id) {
        id -> Int4,
        name -> Text,
        #[max_length = 10]
        abbreviation -> Varchar,
        director_id -> Nullable<Int4>,
        deputy_director_id -> Nullable<Int4>,
    }
}

diesel::table! {
    divisions_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        name -> Nullable<Text>,
        #[max_length = 10]
        abbreviation -> Nullable<Varchar>,
        director_id -> Nullable<Int4>,
        deputy_director_id -> Nullable<Int4>,
    }
}

diesel::table! {
    documents (id) {
        id -> Int4,
        agreement_id -> Int4,
        name -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        size_bytes -> Int8,
        storage_key -> Text,
        created_by -> Nullable<Int4>,
        created_on -> Timestamp,
    }
}

diesel::table! {
    documents_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        agreement_id -> Nullable<Int4>,
        name -> Nullable<Text>,
        #[sql_name = "type"]
        type_ -> Nullable<Text>,
        size_bytes -> Nullable<Int8>,
        storage_key -> Nullable<Text>,
        created_by -> Nullable<Int4>,
        created_on -> Nullable<Timestamp>,
    }
}

diesel::table! {
    grant_agreements (id) {
        id -> Int4,
        funding_opportunity -> Nullable<Text>,
    }
}

diesel::table! {
    grant_agreements_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        funding_opportunity -> Nullable<Text>,
    }
}

diesel::table! {
    grants (id) {
        id -> Int4,
        grant_agreement_id -> Int4,
        #[max_length = 40]
        grant_number -> Nullable<Varchar>,
        awardee -> Nullable<Text>,
        details -> Jsonb,
        created_on -> Timestamptz,
    }
}

diesel::table! {
    grants_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        grant_agreement_id -> Nullable<Int4>,
        #[max_length = 40]
        grant_number -> Nullable<Varchar>,
        awardee -> Nullable<Text>,
        details -> Nullable<Jsonb>,
        created_on -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::InteragencyDirection;

    interagency_agreements (id) {
        id -> Int4,
        partner_agency -> Text,
        direction -> InteragencyDirection,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::InteragencyDirection;

    interagency_agreements_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        partner_agency -> Nullable<Text>,
        direction -> Nullable<InteragencyDirection>,
    }
}

diesel::table! {
    notifications (id) {
        id -> Int4,
        recipient_id -> Int4,
        title -> Text,
        message -> Text,
        is_read -> Bool,
        expires_on -> Nullable<Date>,
        created_on -> Timestamp,
    }
}

diesel::table! {
    notifications_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        recipient_id -> Nullable<Int4>,
        title -> Nullable<Text>,
        message -> Nullable<Text>,
        is_read -> Nullable<Bool>,
        expires_on -> Nullable<Date>,
        created_on -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::OpsEventType;
    use super::sql_types::OpsEventStatus;

    ops_events (id) {
        id -> Int8,
        event_type -> OpsEventType,
        event_status -> OpsEventStatus,
        event_details -> Jsonb,
        created_by -> Nullable<Int4>,
        created_on -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::OpsEventType;
    use super::sql_types::OpsEventStatus;

    ops_events_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int8,
        event_type -> Nullable<OpsEventType>,
        event_status -> Nullable<OpsEventStatus>,
        event_details -> Nullable<Jsonb>,
        created_by -> Nullable<Int4>,
        created_on -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    portfolio_team_leaders (portfolio_id, user_id) {
        portfolio_id -> Int4,
        user_id -> Int4,
    }
}

diesel::table! {
    portfolio_team_leaders_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        portfolio_id -> Int4,
        user_id -> Int4,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::PortfolioStatus;

    portfolios (id) {
        id -> Int4,
        name -> Text,
        #[max_length = 20]
        abbreviation -> Nullable<Varchar>,
        status -> PortfolioStatus,
        description -> Nullable<Text>,
        division_id -> Int4,
        urls -> Array<Nullable<Text>>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::PortfolioStatus;

    portfolios_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        name -> Nullable<Text>,
        #[max_length = 20]
        abbreviation -> Nullable<Varchar>,
        status -> Nullable<PortfolioStatus>,
        description -> Nullable<Text>,
        division_id -> Nullable<Int4>,
        urls -> Nullable<Array<Nullable<Text>>>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::ProcurementActionType;
    use super::sql_types::ProcurementActionStatus;

    procurement_actions (id) {
        id -> Int4,
        award_number -> Int4,
        agreement_id -> Int4,
        procurement_shop_id -> Nullable<Int4>,
        action_type -> ProcurementActionType,
        status -> ProcurementActionStatus,
        award_total -> Nullable<Float8>,
        awarded_on -> Nullable<Date>,
        created_on -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::ProcurementActionType;
    use super::sql_types::ProcurementActionStatus;

    procurement_actions_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        award_number -> Nullable<Int4>,
        agreement_id -> Nullable<Int4>,
        procurement_shop_id -> Nullable<Int4>,
        action_type -> Nullable<ProcurementActionType>,
        status -> Nullable<ProcurementActionStatus>,
        award_total -> Nullable<Float8>,
        awarded_on -> Nullable<Date>,
        created_on -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    procurement_shop_fees (id) {
        id -> Int4,
        procurement_shop_id -> Int4,
        fee -> Numeric,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        created_on -> Timestamptz,
    }
}

diesel::table! {
    procurement_shop_fees_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        procurement_shop_id -> Nullable<Int4>,
        fee -> Nullable<Numeric>,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        created_on -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    procurement_shops (id) {
        id -> Int4,
        name -> Text,
        #[max_length = 10]
        abbreviation -> Varchar,
    }
}

diesel::table! {
    procurement_shops_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        name -> Nullable<Text>,
        #[max_length = 10]
        abbreviation -> Nullable<Varchar>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::TrackerStatus;

    procurement_steps (id) {
        id -> Int4,
        tracker_id -> Int4,
        step_number -> Int2,
        status -> TrackerStatus,
        notes -> Nullable<Text>,
        completed_by -> Nullable<Int4>,
        completed_on -> Nullable<Date>,
        procurement_action_id -> Nullable<Int4>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::TrackerStatus;

    procurement_steps_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        tracker_id -> Nullable<Int4>,
        step_number -> Nullable<Int2>,
        status -> Nullable<TrackerStatus>,
        notes -> Nullable<Text>,
        completed_by -> Nullable<Int4>,
        completed_on -> Nullable<Date>,
        procurement_action_id -> Nullable<Int4>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::TrackerStatus;

    procurement_trackers (id) {
        id -> Int4,
        agreement_id -> Int4,
        status -> TrackerStatus,
        active_step -> Nullable<Int4>,
        created_on -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::TrackerStatus;

    procurement_trackers_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        agreement_id -> Nullable<Int4>,
        status -> Nullable<TrackerStatus>,
        active_step -> Nullable<Int4>,
        created_on -> Nullable<Timestamp>,
    }
}

diesel::table! {
    product_service_codes (id) {
        id -> Int4,
        name -> Text,
        naics -> Nullable<Int4>,
        #[max_length = 60]
        support_code -> Nullable<Varchar>,
    }
}

diesel::table! {
    product_service_codes_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        name -> Nullable<Text>,
        naics -> Nullable<Int4>,
        #[max_length = 60]
        support_code -> Nullable<Varchar>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::HistoryKind;

    project_history (id) {
        id -> Int8,
        project_id -> Int4,
        ops_event_id -> Nullable<Int8>,
        history_kind -> HistoryKind,
        title -> Text,
        message -> Text,
        happened_on -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::HistoryKind;

    project_history_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int8,
        project_id -> Nullable<Int4>,
        ops_event_id -> Nullable<Int8>,
        history_kind -> Nullable<HistoryKind>,
        title -> Nullable<Text>,
        message -> Nullable<Text>,
        happened_on -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    project_team_leaders (project_id, user_id) {
        project_id -> Int4,
        user_id -> Int4,
    }
}

diesel::table! {
    project_team_leaders_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        project_id -> Int4,
        user_id -> Int4,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::ProjectKind;

    projects (id) {
        id -> Int4,
        title -> Text,
        short_title -> Text,
        description -> Nullable<Text>,
        url -> Nullable<Text>,
        originated_on -> Nullable<Date>,
        methodologies -> Array<Nullable<Text>>,
        kind -> ProjectKind,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::ProjectKind;

    projects_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        title -> Nullable<Text>,
        short_title -> Nullable<Text>,
        description -> Nullable<Text>,
        url -> Nullable<Text>,
        originated_on -> Nullable<Date>,
        methodologies -> Nullable<Array<Nullable<Text>>>,
        kind -> Nullable<ProjectKind>,
    }
}

diesel::table! {
    roles (id) {
        id -> Int4,
        name -> Text,
        permissions -> Array<Nullable<Text>>,
    }
}

diesel::table! {
    roles_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        name -> Nullable<Text>,
        permissions -> Nullable<Array<Nullable<Text>>>,
    }
}

diesel::table! {
    services_components (id) {
        id -> Int4,
        agreement_id -> Int4,
        number -> Int4,
        optional -> Bool,
        description -> Nullable<Text>,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        created_on -> Timestamp,
        #[max_length = 20]
        sub_component -> Nullable<Varchar>,
    }
}

diesel::table! {
    services_components_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        agreement_id -> Nullable<Int4>,
        number -> Nullable<Int4>,
        optional -> Nullable<Bool>,
        description -> Nullable<Text>,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        created_on -> Nullable<Timestamp>,
        #[max_length = 20]
        sub_component -> Nullable<Varchar>,
    }
}

diesel::table! {
    tags (id) {
        id -> Int4,
        #[max_length = 40]
        name -> Varchar,
        #[max_length = 7]
        color -> Varchar,
    }
}

diesel::table! {
    tags_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        #[max_length = 40]
        name -> Nullable<Varchar>,
        #[max_length = 7]
        color -> Nullable<Varchar>,
    }
}

diesel::table! {
    user_roles (user_id, role_id) {
        user_id -> Int4,
        role_id -> Int4,
    }
}

diesel::table! {
    user_roles_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        user_id -> Int4,
        role_id -> Int4,
    }
}

diesel::table! {
    user_sessions (id) {
        id -> Uuid,
        user_id -> Int4,
        is_active -> Bool,
        ip_address -> Nullable<Inet>,
        token_digest -> Bytea,
        scopes -> Array<Nullable<Text>>,
        last_active_on -> Nullable<Timestamptz>,
        created_on -> Timestamptz,
    }
}

diesel::table! {
    user_sessions_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Uuid,
        user_id -> Nullable<Int4>,
        is_active -> Nullable<Bool>,
        ip_address -> Nullable<Inet>,
        token_digest -> Nullable<Bytea>,
        scopes -> Nullable<Array<Nullable<Text>>>,
        last_active_on -> Nullable<Timestamptz>,
        created_on -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::UserStatus;

    users (id) {
        id -> Int4,
        email -> Text,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        created_on -> Timestamp,
        division_id -> Nullable<Int4>,
        updated_on -> Timestamp,
        status -> UserStatus,
        oidc_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::UserStatus;

    users_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        email -> Nullable<Text>,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        created_on -> Nullable<Timestamp>,
        division_id -> Nullable<Int4>,
        updated_on -> Nullable<Timestamp>,
        status -> Nullable<UserStatus>,
        oidc_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    vendor_contacts (id) {
        id -> Int4,
        vendor_id -> Int4,
        full_name -> Text,
        email -> Nullable<Text>,
        #[max_length = 30]
        phone -> Nullable<Varchar>,
    }
}

diesel::table! {
    vendor_contacts_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        vendor_id -> Nullable<Int4>,
        full_name -> Nullable<Text>,
        email -> Nullable<Text>,
        #[max_length = 30]
        phone -> Nullable<Varchar>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::VendorType;

    vendors (id) {
        id -> Int4,
        name -> Text,
        vendor_type -> Nullable<VendorType>,
        #[max_length = 9]
        duns -> Nullable<Varchar>,
        active -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::VendorType;

    vendors_version (history_id) {
        history_id -> Int8,
        history_operation -> Text,
        history_at -> Timestamptz,
        history_by -> Nullable<Text>,
        history_transaction -> Int8,
        id -> Int4,
        name -> Nullable<Text>,
        vendor_type -> Nullable<VendorType>,
        #[max_length = 9]
        duns -> Nullable<Varchar>,
        active -> Nullable<Bool>,
    }
}

diesel::joinable!(agreement_history -> agreements (agreement_id));
diesel::joinable!(agreement_history -> ops_events (ops_event_id));
diesel::joinable!(agreement_history -> users (changed_by));
diesel::joinable!(agreement_tags -> agreements (agreement_id));
diesel::joinable!(agreement_tags -> tags (tag_id));
diesel::joinable!(agreement_team_members -> agreements (agreement_id));
diesel::joinable!(agreement_team_members -> users (user_id));
diesel::joinable!(agreements -> procurement_shops (procurement_shop_id));
diesel::joinable!(agreements -> product_service_codes (product_service_code_id));
diesel::joinable!(agreements -> projects (project_id));
diesel::joinable!(budget_line_items -> agreements (agreement_id));
diesel::joinable!(budget_line_items -> cans (can_id));
diesel::joinable!(budget_line_items -> grants (grant_id));
diesel::joinable!(budget_line_items -> procurement_shop_fees (procurement_shop_fee_id));
diesel::joinable!(budget_line_items -> services_components (services_component_id));
diesel::joinable!(budget_line_items -> users (created_by));
diesel::joinable!(can_funding_budgets -> cans (can_id));
diesel::joinable!(can_funding_received -> cans (can_id));
diesel::joinable!(can_history -> cans (can_id));
diesel::joinable!(can_history -> ops_events (ops_event_id));
diesel::joinable!(can_history -> users (changed_by));
diesel::joinable!(cans -> can_funding_details (funding_details_id));
diesel::joinable!(cans -> portfolios (portfolio_id));
diesel::joinable!(change_requests -> agreements (agreement_id));
diesel::joinable!(change_requests -> budget_line_items (budget_line_item_id));
diesel::joinable!(change_requests -> divisions (managing_division_id));
diesel::joinable!(change_requests -> users (reviewed_by));
diesel::joinable!(comments -> agreements (agreement_id));
diesel::joinable!(comments -> users (author_id));
diesel::joinable!(contract_agreements -> agreements (id));
diesel::joinable!(contract_agreements -> vendors (vendor_id));
diesel::joinable!(direct_agreements -> agreements (id));
diesel::joinable!(documents -> agreements (agreement_id));
diesel::joinable!(documents -> users (created_by));
diesel::joinable!(grant_agreements -> agreements (id));
diesel::joinable!(grants -> grant_agreements (grant_agreement_id));
diesel::joinable!(interagency_agreements -> agreements (id));
diesel::joinable!(notifications -> users (recipient_id));
diesel::joinable!(ops_events -> users (created_by));
diesel::joinable!(portfolio_team_leaders -> portfolios (portfolio_id));
diesel::joinable!(portfolio_team_leaders -> users (user_id));
diesel::joinable!(portfolios -> divisions (division_id));
diesel::joinable!(procurement_actions -> agreements (agreement_id));
diesel::joinable!(procurement_actions -> procurement_shops (procurement_shop_id));
diesel::joinable!(procurement_shop_fees -> procurement_shops (procurement_shop_id));
diesel::joinable!(procurement_steps -> procurement_actions (procurement_action_id));
diesel::joinable!(procurement_steps -> procurement_trackers (tracker_id));
diesel::joinable!(procurement_steps -> users (completed_by));
diesel::joinable!(procurement_trackers -> agreements (agreement_id));
diesel::joinable!(project_history -> ops_events (ops_event_id));
diesel::joinable!(project_history -> projects (project_id));
diesel::joinable!(project_team_leaders -> projects (project_id));
diesel::joinable!(project_team_leaders -> users (user_id));
diesel::joinable!(services_components -> agreements (agreement_id));
diesel::joinable!(user_roles -> roles (role_id));
diesel::joinable!(user_roles -> users (user_id));
diesel::joinable!(user_sessions -> users (user_id));
diesel::joinable!(vendor_contacts -> vendors (vendor_id));

diesel::allow_tables_to_appear_in_same_query!(
    agreement_history,
    agreement_history_version,
    agreement_tags,
    agreement_tags_version,
    agreement_team_members,
    agreement_team_members_version,
    agreements,
    agreements_version,
    budget_line_items,
    budget_line_items_version,
    can_funding_budgets,
    can_funding_budgets_version,
    can_funding_details,
    can_funding_details_version,
    can_funding_received,
    can_funding_received_version,
    can_history,
    can_history_version,
    cans,
    cans_version,
    change_requests,
    change_requests_version,
    comments,
    comments_version,
    contract_agreements,
    contract_agreements_version,
    direct_agreements,
    direct_agreements_version,
    divisions,
    divisions_version,
    documents,
    documents_version,
    grant_agreements,
    grant_agreements_version,
    grants,
    grants_version,
    interagency_agreements,
    interagency_agreements_version,
    notifications,
    notifications_version,
    ops_events,
    ops_events_version,
    portfolio_team_leaders,
    portfolio_team_leaders_version,
    portfolios,
    portfolios_version,
    procurement_actions,
    procurement_actions_version,
    procurement_shop_fees,
    procurement_shop_fees_version,
    procurement_shops,
    procurement_shops_version,
    procurement_steps,
    procurement_steps_version,
    procurement_trackers,
    procurement_trackers_version,
    product_service_codes,
    product_service_codes_version,
    project_history,
    project_history_version,
    project_team_leaders,
    project_team_leaders_version,
    projects,
    projects_version,
    roles,
    roles_version,
    services_components,
    services_components_version,
    tags,
    tags_version,
    user_roles,
    user_roles_version,
    user_sessions,
    user_sessions_version,
    users,
    users_version,
    vendor_contacts,
    vendor_contacts_version,
    vendors,
    vendors_version,
);
