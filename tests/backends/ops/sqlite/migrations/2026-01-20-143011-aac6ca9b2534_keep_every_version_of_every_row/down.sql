DROP TRIGGER agreement_history_version_insert;

DROP TRIGGER agreement_history_version_update;

DROP TRIGGER agreement_history_version_delete;

DROP TRIGGER agreement_tags_version_insert;

DROP TRIGGER agreement_tags_version_update;

DROP TRIGGER agreement_tags_version_delete;

DROP TRIGGER agreement_team_members_version_insert;

DROP TRIGGER agreement_team_members_version_update;

DROP TRIGGER agreement_team_members_version_delete;

DROP TRIGGER agreements_version_insert;

DROP TRIGGER agreements_version_update;

DROP TRIGGER agreements_version_delete;

DROP TRIGGER budget_line_items_version_insert;

DROP TRIGGER budget_line_items_version_update;

DROP TRIGGER budget_line_items_version_delete;

DROP TRIGGER can_funding_budgets_version_insert;

DROP TRIGGER can_funding_budgets_version_update;

DROP TRIGGER can_funding_budgets_version_delete;

DROP TRIGGER can_funding_details_version_insert;

DROP TRIGGER can_funding_details_version_update;

DROP TRIGGER can_funding_details_version_delete;

DROP TRIGGER can_funding_received_version_insert;

DROP TRIGGER can_funding_received_version_update;

DROP TRIGGER can_funding_received_version_delete;

DROP TRIGGER can_history_version_insert;

DROP TRIGGER can_history_version_update;

DROP TRIGGER can_history_version_delete;

DROP TRIGGER cans_version_insert;

DROP TRIGGER cans_version_update;

DROP TRIGGER cans_version_delete;

DROP TRIGGER change_requests_version_insert;

DROP TRIGGER change_requests_version_update;

DROP TRIGGER change_requests_version_delete;

DROP TRIGGER comments_version_insert;

DROP TRIGGER comments_version_update;

DROP TRIGGER comments_version_delete;

DROP TRIGGER contract_agreements_version_insert;

DROP TRIGGER contract_agreements_version_update;

DROP TRIGGER contract_agreements_version_delete;

DROP TRIGGER direct_agreements_version_insert;

DROP TRIGGER direct_agreements_version_update;

DROP TRIGGER direct_agreements_version_delete;

DROP TRIGGER divisions_version_insert;

DROP TRIGGER divisions_version_update;

DROP TRIGGER divisions_version_delete;

DROP TRIGGER documents_version_insert;

DROP TRIGGER documents_version_update;

DROP TRIGGER documents_version_delete;

DROP TRIGGER grant_agreements_version_insert;

DROP TRIGGER grant_agreements_version_update;

DROP TRIGGER grant_agreements_version_delete;

DROP TRIGGER grants_version_insert;

DROP TRIGGER grants_version_update;

DROP TRIGGER grants_version_delete;

DROP TRIGGER interagency_agreements_version_insert;

DROP TRIGGER interagency_agreements_version_update;

DROP TRIGGER interagency_agreements_version_delete;

DROP TRIGGER notifications_version_insert;

DROP TRIGGER notifications_version_update;

DROP TRIGGER notifications_version_delete;

DROP TRIGGER ops_events_version_insert;

DROP TRIGGER ops_events_version_update;

DROP TRIGGER ops_events_version_delete;

DROP TRIGGER portfolio_team_leaders_version_insert;

DROP TRIGGER portfolio_team_leaders_version_update;

DROP TRIGGER portfolio_team_leaders_version_delete;

DROP TRIGGER portfolios_version_insert;

DROP TRIGGER portfolios_version_update;

DROP TRIGGER portfolios_version_delete;

DROP TRIGGER procurement_actions_version_insert;

DROP TRIGGER procurement_actions_version_update;

DROP TRIGGER procurement_actions_version_delete;

DROP TRIGGER procurement_shop_fees_version_insert;

DROP TRIGGER procurement_shop_fees_version_update;

DROP TRIGGER procurement_shop_fees_version_delete;

DROP TRIGGER procurement_shops_version_insert;

DROP TRIGGER procurement_shops_version_update;

DROP TRIGGER procurement_shops_version_delete;

DROP TRIGGER procurement_steps_version_insert;

DROP TRIGGER procurement_steps_version_update;

DROP TRIGGER procurement_steps_version_delete;

DROP TRIGGER procurement_trackers_version_insert;

DROP TRIGGER procurement_trackers_version_update;

DROP TRIGGER procurement_trackers_version_delete;

DROP TRIGGER product_service_codes_version_insert;

DROP TRIGGER product_service_codes_version_update;

DROP TRIGGER product_service_codes_version_delete;

DROP TRIGGER project_history_version_insert;

DROP TRIGGER project_history_version_update;

DROP TRIGGER project_history_version_delete;

DROP TRIGGER project_team_leaders_version_insert;

DROP TRIGGER project_team_leaders_version_update;

DROP TRIGGER project_team_leaders_version_delete;

DROP TRIGGER projects_version_insert;

DROP TRIGGER projects_version_update;

DROP TRIGGER projects_version_delete;

DROP TRIGGER roles_version_insert;

DROP TRIGGER roles_version_update;

DROP TRIGGER roles_version_delete;

DROP TRIGGER services_components_version_insert;

DROP TRIGGER services_components_version_update;

DROP TRIGGER services_components_version_delete;

DROP TRIGGER tags_version_insert;

DROP TRIGGER tags_version_update;

DROP TRIGGER tags_version_delete;

DROP TRIGGER user_roles_version_insert;

DROP TRIGGER user_roles_version_update;

DROP TRIGGER user_roles_version_delete;

DROP TRIGGER user_sessions_version_insert;

DROP TRIGGER user_sessions_version_update;

DROP TRIGGER user_sessions_version_delete;

DROP TRIGGER users_version_insert;

DROP TRIGGER users_version_update;

DROP TRIGGER users_version_delete;

DROP TRIGGER vendor_contacts_version_insert;

DROP TRIGGER vendor_contacts_version_update;

DROP TRIGGER vendor_contacts_version_delete;

DROP TRIGGER vendors_version_insert;

DROP TRIGGER vendors_version_update;

DROP TRIGGER vendors_version_delete;

DROP TABLE __ops_user;

DROP TABLE agreement_history_version;

DROP TABLE agreement_tags_version;

DROP TABLE agreement_team_members_version;

DROP TABLE agreements_version;

DROP TABLE budget_line_items_version;

DROP TABLE can_funding_budgets_version;

DROP TABLE can_funding_details_version;

DROP TABLE can_funding_received_version;

DROP TABLE can_history_version;

DROP TABLE cans_version;

DROP TABLE change_requests_version;

DROP TABLE comments_version;

DROP TABLE contract_agreements_version;

DROP TABLE direct_agreements_version;

DROP TABLE divisions_version;

DROP TABLE documents_version;

DROP TABLE grant_agreements_version;

DROP TABLE grants_version;

DROP TABLE interagency_agreements_version;

DROP TABLE notifications_version;

DROP TABLE ops_events_version;

DROP TABLE portfolio_team_leaders_version;

DROP TABLE portfolios_version;

DROP TABLE procurement_actions_version;

DROP TABLE procurement_shop_fees_version;

DROP TABLE procurement_shops_version;

DROP TABLE procurement_steps_version;

DROP TABLE procurement_trackers_version;

DROP TABLE product_service_codes_version;

DROP TABLE project_history_version;

DROP TABLE project_team_leaders_version;

DROP TABLE projects_version;

DROP TABLE roles_version;

DROP TABLE services_components_version;

DROP TABLE tags_version;

DROP TABLE user_roles_version;

DROP TABLE user_sessions_version;

DROP TABLE users_version;

DROP TABLE vendor_contacts_version;

DROP TABLE vendors_version;
