// @generated automatically by Diesel CLI.

diesel::table! {
    agreement_history (id) {
        id -> Integer,
        agreement_id -> Nullable<Integer>,
        agreement_number -> Integer,
        ops_event_id -> Nullable<Integer>,
        history_kind -> Text,
        title -> Text,
        message -> Text,
        changes -> Text,
        happened_on -> Timestamp,
        changed_by -> Nullable<Integer>,
    }
}

diesel::table! {
    agreement_history_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        agreement_id -> Nullable<Integer>,
        agreement_number -> Nullable<Integer>,
        ops_event_id -> Nullable<Integer>,
        history_kind -> Nullable<Text>,
        title -> Nullable<Text>,
        message -> Nullable<Text>,
        changes -> Nullable<Text>,
        happened_on -> Nullable<Timestamp>,
        changed_by -> Nullable<Integer>,
    }
}

diesel::table! {
    agreement_tags (agreement_id, tag_id) {
        agreement_id -> Integer,
        tag_id -> Integer,
    }
}

diesel::table! {
    agreement_tags_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        agreement_id -> Integer,
        tag_id -> Integer,
    }
}

diesel::table! {
    agreement_team_members (agreement_id, user_id) {
        agreement_id -> Integer,
        user_id -> Integer,
    }
}

diesel::table! {
    agreement_team_members_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        agreement_id -> Integer,
        user_id -> Integer,
    }
}

diesel::table! {
    agreements (id) {
        id -> Integer,
        kind -> Text,
        name -> Text,
        description -> Nullable<Text>,
        reason -> Nullable<Text>,
        incumbent -> Nullable<Text>,
        project_id -> Nullable<Integer>,
        project_officer_id -> Nullable<Integer>,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        created_by -> Nullable<Integer>,
        created_on -> Timestamp,
        procurement_shop_id -> Nullable<Integer>,
        updated_on -> Nullable<Timestamp>,
        product_service_code_id -> Nullable<Integer>,
    }
}

diesel::table! {
    agreements_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        kind -> Nullable<Text>,
        name -> Nullable<Text>,
        description -> Nullable<Text>,
        reason -> Nullable<Text>,
        incumbent -> Nullable<Text>,
        project_id -> Nullable<Integer>,
        project_officer_id -> Nullable<Integer>,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        created_by -> Nullable<Integer>,
        created_on -> Nullable<Timestamp>,
        procurement_shop_id -> Nullable<Integer>,
        updated_on -> Nullable<Timestamp>,
        product_service_code_id -> Nullable<Integer>,
    }
}

diesel::table! {
    budget_line_items (id) {
        id -> Integer,
        agreement_id -> Integer,
        can_id -> Nullable<Integer>,
        line_description -> Nullable<Text>,
        comments -> Nullable<Text>,
        amount -> Nullable<Double>,
        status -> Text,
        date_needed -> Nullable<Date>,
        created_by -> Nullable<Integer>,
        created_on -> Timestamp,
        updated_on -> Nullable<Timestamp>,
        services_component_id -> Nullable<Integer>,
        procurement_shop_fee_id -> Nullable<Integer>,
        grant_id -> Nullable<Integer>,
    }
}

diesel::table! {
    budget_line_items_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        agreement_id -> Nullable<Integer>,
        can_id -> Nullable<Integer>,
        line_description -> Nullable<Text>,
        comments -> Nullable<Text>,
        amount -> Nullable<Double>,
        status -> Nullable<Text>,
        date_needed -> Nullable<Date>,
        created_by -> Nullable<Integer>,
        created_on -> Nullable<Timestamp>,
        updated_on -> Nullable<Timestamp>,
        services_component_id -> Nullable<Integer>,
        procurement_shop_fee_id -> Nullable<Integer>,
        grant_id -> Nullable<Integer>,
    }
}

diesel::table! {
    can_funding_budgets (id) {
        id -> Integer,
        can_id -> Integer,
        fiscal_year -> Integer,
        budget -> Nullable<Double>,
        notes -> Text,
        created_on -> Timestamp,
    }
}

diesel::table! {
    can_funding_budgets_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        can_id -> Nullable<Integer>,
        fiscal_year -> Nullable<Integer>,
        budget -> Nullable<Double>,
        notes -> Nullable<Text>,
        created_on -> Nullable<Timestamp>,
    }
}

diesel::table! {
    can_funding_details (id) {
        id -> Integer,
        fund_code -> Text,
        fiscal_year -> Integer,
        allowance -> Nullable<Text>,
        sub_allowance -> Nullable<Text>,
        allotment -> Nullable<Text>,
        arrangement_type -> Nullable<Text>,
        method_of_transfer -> Nullable<Text>,
        funding_source -> Text,
        active_period -> Integer,
    }
}

diesel::table! {
    can_funding_details_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        fund_code -> Nullable<Text>,
        fiscal_year -> Nullable<Integer>,
        allowance -> Nullable<Text>,
        sub_allowance -> Nullable<Text>,
        allotment -> Nullable<Text>,
        arrangement_type -> Nullable<Text>,
        method_of_transfer -> Nullable<Text>,
        funding_source -> Nullable<Text>,
        active_period -> Nullable<Integer>,
    }
}

diesel::table! {
    can_funding_received (id) {
        id -> Integer,
        can_id -> Integer,
        fiscal_year -> Integer,
        funding -> Double,
        notes -> Text,
        created_on -> Timestamp,
    }
}

diesel::table! {
    can_funding_received_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        can_id -> Nullable<Integer>,
        fiscal_year -> Nullable<Integer>,
        funding -> Nullable<Double>,
        notes -> Nullable<Text>,
        created_on -> Nullable<Timestamp>,
    }
}

diesel::table! {
    can_history (id) {
        id -> Integer,
        can_id -> Integer,
        ops_event_id -> Nullable<Integer>,
        history_kind -> Text,
        title -> Text,
        message -> Text,
        fiscal_year -> Integer,
        happened_on -> Timestamp,
        changed_by -> Nullable<Integer>,
    }
}

diesel::table! {
    can_history_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        can_id -> Nullable<Integer>,
        ops_event_id -> Nullable<Integer>,
        history_kind -> Nullable<Text>,
        title -> Nullable<Text>,
        message -> Nullable<Text>,
        fiscal_year -> Nullable<Integer>,
        happened_on -> Nullable<Timestamp>,
        changed_by -> Nullable<Integer>,
    }
}

diesel::table! {
    cans (id) {
        id -> Integer,
        number -> Text,
        description -> Nullable<Text>,
        nick_name -> Nullable<Text>,
        purpose -> Nullable<Text>,
        expires_on -> Nullable<Date>,
        portfolio_id -> Integer,
        created_on -> Timestamp,
        funding_details_id -> Nullable<Integer>,
    }
}

diesel::table! {
    cans_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        number -> Nullable<Text>,
        description -> Nullable<Text>,
        nick_name -> Nullable<Text>,
        purpose -> Nullable<Text>,
        expires_on -> Nullable<Date>,
        portfolio_id -> Nullable<Integer>,
        created_on -> Nullable<Timestamp>,
        funding_details_id -> Nullable<Integer>,
    }
}

diesel::table! {
    change_requests (id) {
        id -> Integer,
        kind -> Text,
        status -> Text,
        agreement_id -> Nullable<Integer>,
        budget_line_item_id -> Nullable<Integer>,
        requested_change -> Text,
        requested_change_diff -> Nullable<Text>,
        requestor_notes -> Nullable<Text>,
        managing_division_id -> Nullable<Integer>,
        reviewed_by -> Nullable<Integer>,
        reviewed_on -> Nullable<Timestamp>,
        created_on -> Timestamp,
    }
}

diesel::table! {
    change_requests_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        kind -> Nullable<Text>,
        status -> Nullable<Text>,
        agreement_id -> Nullable<Integer>,
        budget_line_item_id -> Nullable<Integer>,
        requested_change -> Nullable<Text>,
        requested_change_diff -> Nullable<Text>,
        requestor_notes -> Nullable<Text>,
        managing_division_id -> Nullable<Integer>,
        reviewed_by -> Nullable<Integer>,
        reviewed_on -> Nullable<Timestamp>,
        created_on -> Nullable<Timestamp>,
    }
}

diesel::table! {
    comments (id) {
        id -> Integer,
        agreement_id -> Integer,
        parent_id -> Nullable<Integer>,
        author_id -> Nullable<Integer>,
        body -> Text,
        created_on -> Timestamp,
    }
}

diesel::table! {
    comments_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        agreement_id -> Nullable<Integer>,
        parent_id -> Nullable<Integer>,
        author_id -> Nullable<Integer>,
        body -> Nullable<Text>,
        created_on -> Nullable<Timestamp>,
    }
}

diesel::table! {
    contract_agreements (id) {
        id -> Integer,
        contract_number -> Nullable<Text>,
        task_order_number -> Nullable<Text>,
        contract_type -> Nullable<Text>,
        vendor_id -> Nullable<Integer>,
    }
}

diesel::table! {
    contract_agreements_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        contract_number -> Nullable<Text>,
        task_order_number -> Nullable<Text>,
        contract_type -> Nullable<Text>,
        vendor_id -> Nullable<Integer>,
    }
}

diesel::table! {
    direct_agreements (id) {
        id -> Integer,
        payee -> Text,
    }
}

diesel::table! {
    direct_agreements_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        payee -> Nullable<Text>,
    }
}

diesel::table! {
    divisions (id) {
        id -> Integer,
        name -> Text,
        abbreviation -> Text,
        director_id -> Nullable<Integer>,
        deputy_director_id -> Nullable<Integer>,
    }
}

diesel::table! {
    divisions_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        name -> Nullable<Text>,
        abbreviation -> Nullable<Text>,
        director_id -> Nullable<Integer>,
        deputy_director_id -> Nullable<Integer>,
    }
}

diesel::table! {
    documents (id) {
        id -> Integer,
        agreement_id -> Integer,
        name -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        size_bytes -> BigInt,
        storage_key -> Text,
        created_by -> Nullable<Integer>,
        created_on -> Timestamp,
    }
}

diesel::table! {
    documents_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        agreement_id -> Nullable<Integer>,
        name -> Nullable<Text>,
        #[sql_name = "type"]
        type_ -> Nullable<Text>,
        size_bytes -> Nullable<BigInt>,
        storage_key -> Nullable<Text>,
        created_by -> Nullable<Integer>,
        created_on -> Nullable<Timestamp>,
    }
}

diesel::table! {
    grant_agreements (id) {
        id -> Integer,
        funding_opportunity -> Nullable<Text>,
    }
}

diesel::table! {
    grant_agreements_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        funding_opportunity -> Nullable<Text>,
    }
}

diesel::table! {
    grants (id) {
        id -> Integer,
        grant_agreement_id -> Integer,
        grant_number -> Nullable<Text>,
        awardee -> Nullable<Text>,
        details -> Text,
        created_on -> Timestamp,
    }
}

diesel::table! {
    grants_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        grant_agreement_id -> Nullable<Integer>,
        grant_number -> Nullable<Text>,
        awardee -> Nullable<Text>,
        details -> Nullable<Text>,
        created_on -> Nullable<Timestamp>,
    }
}

diesel::table! {
    interagency_agreements (id) {
        id -> Integer,
        partner_agency -> Text,
        direction -> Text,
    }
}

diesel::table! {
    interagency_agreements_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        partner_agency -> Nullable<Text>,
        direction -> Nullable<Text>,
    }
}

diesel::table! {
    notifications (id) {
        id -> Integer,
        recipient_id -> Integer,
        title -> Text,
        message -> Text,
        is_read -> Bool,
        expires_on -> Nullable<Date>,
        created_on -> Timestamp,
    }
}

diesel::table! {
    notifications_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        recipient_id -> Nullable<Integer>,
        title -> Nullable<Text>,
        message -> Nullable<Text>,
        is_read -> Nullable<Bool>,
        expires_on -> Nullable<Date>,
        created_on -> Nullable<Timestamp>,
    }
}

diesel::table! {
    ops_events (id) {
        id -> Integer,
        event_type -> Text,
        event_status -> Text,
        event_details -> Text,
        created_by -> Nullable<Integer>,
        created_on -> Timestamp,
    }
}

diesel::table! {
    ops_events_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        event_type -> Nullable<Text>,
        event_status -> Nullable<Text>,
        event_details -> Nullable<Text>,
        created_by -> Nullable<Integer>,
        created_on -> Nullable<Timestamp>,
    }
}

diesel::table! {
    portfolio_team_leaders (portfolio_id, user_id) {
        portfolio_id -> Integer,
        user_id -> Integer,
    }
}

diesel::table! {
    portfolio_team_leaders_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        portfolio_id -> Integer,
        user_id -> Integer,
    }
}

diesel::table! {
    portfolios (id) {
        id -> Integer,
        name -> Text,
        abbreviation -> Nullable<Text>,
        status -> Text,
        description -> Nullable<Text>,
        division_id -> Integer,
        urls -> Text,
    }
}

diesel::table! {
    portfolios_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        name -> Nullable<Text>,
        abbreviation -> Nullable<Text>,
        status -> Nullable<Text>,
        description -> Nullable<Text>,
        division_id -> Nullable<Integer>,
        urls -> Nullable<Text>,
    }
}

diesel::table! {
    procurement_actions (id) {
        id -> Integer,
        agreement_id -> Integer,
        procurement_shop_id -> Nullable<Integer>,
        action_type -> Text,
        status -> Text,
        award_total -> Nullable<Double>,
        awarded_on -> Nullable<Date>,
        created_on -> Timestamp,
    }
}

diesel::table! {
    procurement_actions_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        agreement_id -> Nullable<Integer>,
        procurement_shop_id -> Nullable<Integer>,
        action_type -> Nullable<Text>,
        status -> Nullable<Text>,
        award_total -> Nullable<Double>,
        awarded_on -> Nullable<Date>,
        created_on -> Nullable<Timestamp>,
    }
}

diesel::table! {
    procurement_shop_fees (id) {
        id -> Integer,
        procurement_shop_id -> Integer,
        fee -> Double,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        created_on -> Timestamp,
    }
}

diesel::table! {
    procurement_shop_fees_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        procurement_shop_id -> Nullable<Integer>,
        fee -> Nullable<Double>,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        created_on -> Nullable<Timestamp>,
    }
}

diesel::table! {
    procurement_shops (id) {
        id -> Integer,
        name -> Text,
        abbreviation -> Text,
    }
}

diesel::table! {
    procurement_shops_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        name -> Nullable<Text>,
        abbreviation -> Nullable<Text>,
    }
}

diesel::table! {
    procurement_steps (id) {
        id -> Integer,
        tracker_id -> Integer,
        step_number -> SmallInt,
        status -> Text,
        notes -> Nullable<Text>,
        completed_by -> Nullable<Integer>,
        completed_on -> Nullable<Date>,
        procurement_action_id -> Nullable<Integer>,
    }
}

diesel::table! {
    procurement_steps_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        tracker_id -> Nullable<Integer>,
        step_number -> Nullable<SmallInt>,
        status -> Nullable<Text>,
        notes -> Nullable<Text>,
        completed_by -> Nullable<Integer>,
        completed_on -> Nullable<Date>,
        procurement_action_id -> Nullable<Integer>,
    }
}

diesel::table! {
    procurement_trackers (id) {
        id -> Integer,
        agreement_id -> Integer,
        status -> Text,
        active_step -> Nullable<Integer>,
        created_on -> Timestamp,
    }
}

diesel::table! {
    procurement_trackers_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        agreement_id -> Nullable<Integer>,
        status -> Nullable<Text>,
        active_step -> Nullable<Integer>,
        created_on -> Nullable<Timestamp>,
    }
}

diesel::table! {
    product_service_codes (id) {
        id -> Integer,
        name -> Text,
        naics -> Nullable<Integer>,
        support_code -> Nullable<Text>,
    }
}

diesel::table! {
    product_service_codes_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        name -> Nullable<Text>,
        naics -> Nullable<Integer>,
        support_code -> Nullable<Text>,
    }
}

diesel::table! {
    project_history (id) {
        id -> Integer,
        project_id -> Integer,
        ops_event_id -> Nullable<Integer>,
        history_kind -> Text,
        title -> Text,
        message -> Text,
        happened_on -> Timestamp,
    }
}

diesel::table! {
    project_history_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        project_id -> Nullable<Integer>,
        ops_event_id -> Nullable<Integer>,
        history_kind -> Nullable<Text>,
        title -> Nullable<Text>,
        message -> Nullable<Text>,
        happened_on -> Nullable<Timestamp>,
    }
}

diesel::table! {
    project_team_leaders (project_id, user_id) {
        project_id -> Integer,
        user_id -> Integer,
    }
}

diesel::table! {
    project_team_leaders_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        project_id -> Integer,
        user_id -> Integer,
    }
}

diesel::table! {
    projects (id) {
        id -> Integer,
        title -> Text,
        short_title -> Text,
        description -> Nullable<Text>,
        url -> Nullable<Text>,
        originated_on -> Nullable<Date>,
        methodologies -> Text,
        kind -> Text,
    }
}

diesel::table! {
    projects_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        title -> Nullable<Text>,
        short_title -> Nullable<Text>,
        description -> Nullable<Text>,
        url -> Nullable<Text>,
        originated_on -> Nullable<Date>,
        methodologies -> Nullable<Text>,
        kind -> Nullable<Text>,
    }
}

diesel::table! {
    roles (id) {
        id -> Integer,
        name -> Text,
        permissions -> Text,
    }
}

diesel::table! {
    roles_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        name -> Nullable<Text>,
        permissions -> Nullable<Text>,
    }
}

diesel::table! {
    services_components (id) {
        id -> Integer,
        agreement_id -> Integer,
        number -> Integer,
        optional -> Bool,
        description -> Nullable<Text>,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        created_on -> Timestamp,
        sub_component -> Nullable<Text>,
    }
}

diesel::table! {
    services_components_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        agreement_id -> Nullable<Integer>,
        number -> Nullable<Integer>,
        optional -> Nullable<Bool>,
        description -> Nullable<Text>,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        created_on -> Nullable<Timestamp>,
        sub_component -> Nullable<Text>,
    }
}

diesel::table! {
    tags (id) {
        id -> Integer,
        name -> Text,
        color -> Text,
    }
}

diesel::table! {
    tags_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        name -> Nullable<Text>,
        color -> Nullable<Text>,
    }
}

diesel::table! {
    user_roles (user_id, role_id) {
        user_id -> Integer,
        role_id -> Integer,
    }
}

diesel::table! {
    user_roles_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        user_id -> Integer,
        role_id -> Integer,
    }
}

diesel::table! {
    user_sessions (id) {
        id -> Text,
        user_id -> Integer,
        is_active -> Bool,
        ip_address -> Nullable<Text>,
        token_digest -> Binary,
        scopes -> Text,
        last_active_on -> Nullable<Timestamp>,
        created_on -> Timestamp,
    }
}

diesel::table! {
    user_sessions_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Text,
        user_id -> Nullable<Integer>,
        is_active -> Nullable<Bool>,
        ip_address -> Nullable<Text>,
        token_digest -> Nullable<Binary>,
        scopes -> Nullable<Text>,
        last_active_on -> Nullable<Timestamp>,
        created_on -> Nullable<Timestamp>,
    }
}

diesel::table! {
    users (id) {
        id -> Integer,
        email -> Text,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        created_on -> Timestamp,
        division_id -> Nullable<Integer>,
        updated_on -> Nullable<Timestamp>,
        status -> Text,
        oidc_id -> Nullable<Text>,
    }
}

diesel::table! {
    users_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        email -> Nullable<Text>,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        created_on -> Nullable<Timestamp>,
        division_id -> Nullable<Integer>,
        updated_on -> Nullable<Timestamp>,
        status -> Nullable<Text>,
        oidc_id -> Nullable<Text>,
    }
}

diesel::table! {
    vendor_contacts (id) {
        id -> Integer,
        vendor_id -> Integer,
        full_name -> Text,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
    }
}

diesel::table! {
    vendor_contacts_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        vendor_id -> Nullable<Integer>,
        full_name -> Nullable<Text>,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
    }
}

diesel::table! {
    vendors (id) {
        id -> Integer,
        name -> Text,
        vendor_type -> Nullable<Text>,
        duns -> Nullable<Text>,
        active -> Bool,
    }
}

diesel::table! {
    vendors_version (history_id) {
        history_id -> Integer,
        history_operation -> Text,
        history_at -> Timestamp,
        history_by -> Nullable<Text>,
        history_transaction -> BigInt,
        id -> Integer,
        name -> Nullable<Text>,
        vendor_type -> Nullable<Text>,
        duns -> Nullable<Text>,
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
