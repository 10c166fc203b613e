DROP TRIGGER agreement_history_version_insert ON agreement_history;

DROP TRIGGER agreement_history_version_update ON agreement_history;

DROP TRIGGER agreement_history_version_delete ON agreement_history;

DROP TRIGGER agreement_tags_version_insert ON agreement_tags;

DROP TRIGGER agreement_tags_version_update ON agreement_tags;

DROP TRIGGER agreement_tags_version_delete ON agreement_tags;

DROP TRIGGER agreement_team_members_version_insert ON agreement_team_members;

DROP TRIGGER agreement_team_members_version_update ON agreement_team_members;

DROP TRIGGER agreement_team_members_version_delete ON agreement_team_members;

DROP TRIGGER agreements_version_insert ON agreements;

DROP TRIGGER agreements_version_update ON agreements;

DROP TRIGGER agreements_version_delete ON agreements;

DROP TRIGGER budget_line_items_version_insert ON budget_line_items;

DROP TRIGGER budget_line_items_version_update ON budget_line_items;

DROP TRIGGER budget_line_items_version_delete ON budget_line_items;

DROP TRIGGER can_funding_budgets_version_insert ON can_funding_budgets;

DROP TRIGGER can_funding_budgets_version_update ON can_funding_budgets;

DROP TRIGGER can_funding_budgets_version_delete ON can_funding_budgets;

DROP TRIGGER can_funding_details_version_insert ON can_funding_details;

DROP TRIGGER can_funding_details_version_update ON can_funding_details;

DROP TRIGGER can_funding_details_version_delete ON can_funding_details;

DROP TRIGGER can_funding_received_version_insert ON can_funding_received;

DROP TRIGGER can_funding_received_version_update ON can_funding_received;

DROP TRIGGER can_funding_received_version_delete ON can_funding_received;

DROP TRIGGER can_history_version_insert ON can_history;

DROP TRIGGER can_history_version_update ON can_history;

DROP TRIGGER can_history_version_delete ON can_history;

DROP TRIGGER cans_version_insert ON cans;

DROP TRIGGER cans_version_update ON cans;

DROP TRIGGER cans_version_delete ON cans;

DROP TRIGGER change_requests_version_insert ON change_requests;

DROP TRIGGER change_requests_version_update ON change_requests;

DROP TRIGGER change_requests_version_delete ON change_requests;

DROP TRIGGER comments_version_insert ON comments;

DROP TRIGGER comments_version_update ON comments;

DROP TRIGGER comments_version_delete ON comments;

DROP TRIGGER contract_agreements_version_insert ON contract_agreements;

DROP TRIGGER contract_agreements_version_update ON contract_agreements;

DROP TRIGGER contract_agreements_version_delete ON contract_agreements;

DROP TRIGGER direct_agreements_version_insert ON direct_agreements;

DROP TRIGGER direct_agreements_version_update ON direct_agreements;

DROP TRIGGER direct_agreements_version_delete ON direct_agreements;

DROP TRIGGER divisions_version_insert ON divisions;

DROP TRIGGER divisions_version_update ON divisions;

DROP TRIGGER divisions_version_delete ON divisions;

DROP TRIGGER documents_version_insert ON documents;

DROP TRIGGER documents_version_update ON documents;

DROP TRIGGER documents_version_delete ON documents;

DROP TRIGGER grant_agreements_version_insert ON grant_agreements;

DROP TRIGGER grant_agreements_version_update ON grant_agreements;

DROP TRIGGER grant_agreements_version_delete ON grant_agreements;

DROP TRIGGER grants_version_insert ON grants;

DROP TRIGGER grants_version_update ON grants;

DROP TRIGGER grants_version_delete ON grants;

DROP TRIGGER interagency_agreements_version_insert ON interagency_agreements;

DROP TRIGGER interagency_agreements_version_update ON interagency_agreements;

DROP TRIGGER interagency_agreements_version_delete ON interagency_agreements;

DROP TRIGGER notifications_version_insert ON notifications;

DROP TRIGGER notifications_version_update ON notifications;

DROP TRIGGER notifications_version_delete ON notifications;

DROP TRIGGER ops_events_version_insert ON ops_events;

DROP TRIGGER ops_events_version_update ON ops_events;

DROP TRIGGER ops_events_version_delete ON ops_events;

DROP TRIGGER portfolio_team_leaders_version_insert ON portfolio_team_leaders;

DROP TRIGGER portfolio_team_leaders_version_update ON portfolio_team_leaders;

DROP TRIGGER portfolio_team_leaders_version_delete ON portfolio_team_leaders;

DROP TRIGGER portfolios_version_insert ON portfolios;

DROP TRIGGER portfolios_version_update ON portfolios;

DROP TRIGGER portfolios_version_delete ON portfolios;

DROP TRIGGER procurement_actions_version_insert ON procurement_actions;

DROP TRIGGER procurement_actions_version_update ON procurement_actions;

DROP TRIGGER procurement_actions_version_delete ON procurement_actions;

DROP TRIGGER procurement_shop_fees_version_insert ON procurement_shop_fees;

DROP TRIGGER procurement_shop_fees_version_update ON procurement_shop_fees;

DROP TRIGGER procurement_shop_fees_version_delete ON procurement_shop_fees;

DROP TRIGGER procurement_shops_version_insert ON procurement_shops;

DROP TRIGGER procurement_shops_version_update ON procurement_shops;

DROP TRIGGER procurement_shops_version_delete ON procurement_shops;

DROP TRIGGER procurement_steps_version_insert ON procurement_steps;

DROP TRIGGER procurement_steps_version_update ON procurement_steps;

DROP TRIGGER procurement_steps_version_delete ON procurement_steps;

DROP TRIGGER procurement_trackers_version_insert ON procurement_trackers;

DROP TRIGGER procurement_trackers_version_update ON procurement_trackers;

DROP TRIGGER procurement_trackers_version_delete ON procurement_trackers;

DROP TRIGGER product_service_codes_version_insert ON product_service_codes;

DROP TRIGGER product_service_codes_version_update ON product_service_codes;

DROP TRIGGER product_service_codes_version_delete ON product_service_codes;

DROP TRIGGER project_history_version_insert ON project_history;

DROP TRIGGER project_history_version_update ON project_history;

DROP TRIGGER project_history_version_delete ON project_history;

DROP TRIGGER project_team_leaders_version_insert ON project_team_leaders;

DROP TRIGGER project_team_leaders_version_update ON project_team_leaders;

DROP TRIGGER project_team_leaders_version_delete ON project_team_leaders;

DROP TRIGGER projects_version_insert ON projects;

DROP TRIGGER projects_version_update ON projects;

DROP TRIGGER projects_version_delete ON projects;

DROP TRIGGER roles_version_insert ON roles;

DROP TRIGGER roles_version_update ON roles;

DROP TRIGGER roles_version_delete ON roles;

DROP TRIGGER services_components_version_insert ON services_components;

DROP TRIGGER services_components_version_update ON services_components;

DROP TRIGGER services_components_version_delete ON services_components;

DROP TRIGGER tags_version_insert ON tags;

DROP TRIGGER tags_version_update ON tags;

DROP TRIGGER tags_version_delete ON tags;

DROP TRIGGER user_roles_version_insert ON user_roles;

DROP TRIGGER user_roles_version_update ON user_roles;

DROP TRIGGER user_roles_version_delete ON user_roles;

DROP TRIGGER user_sessions_version_insert ON user_sessions;

DROP TRIGGER user_sessions_version_update ON user_sessions;

DROP TRIGGER user_sessions_version_delete ON user_sessions;

DROP TRIGGER users_version_insert ON users;

DROP TRIGGER users_version_update ON users;

DROP TRIGGER users_version_delete ON users;

DROP TRIGGER vendor_contacts_version_insert ON vendor_contacts;

DROP TRIGGER vendor_contacts_version_update ON vendor_contacts;

DROP TRIGGER vendor_contacts_version_delete ON vendor_contacts;

DROP TRIGGER vendors_version_insert ON vendors;

DROP TRIGGER vendors_version_update ON vendors;

DROP TRIGGER vendors_version_delete ON vendors;

DROP FUNCTION agreement_history_version_write();

DROP FUNCTION agreement_tags_version_write();

DROP FUNCTION agreement_team_members_version_write();

DROP FUNCTION agreements_version_write();

DROP FUNCTION budget_line_items_version_write();

DROP FUNCTION can_funding_budgets_version_write();

DROP FUNCTION can_funding_details_version_write();

DROP FUNCTION can_funding_received_version_write();

DROP FUNCTION can_history_version_write();

DROP FUNCTION cans_version_write();

DROP FUNCTION change_requests_version_write();

DROP FUNCTION comments_version_write();

DROP FUNCTION contract_agreements_version_write();

DROP FUNCTION direct_agreements_version_write();

DROP FUNCTION divisions_version_write();

DROP FUNCTION documents_version_write();

DROP FUNCTION grant_agreements_version_write();

DROP FUNCTION grants_version_write();

DROP FUNCTION interagency_agreements_version_write();

DROP FUNCTION notifications_version_write();

DROP FUNCTION ops_events_version_write();

DROP FUNCTION portfolio_team_leaders_version_write();

DROP FUNCTION portfolios_version_write();

DROP FUNCTION procurement_actions_version_write();

DROP FUNCTION procurement_shop_fees_version_write();

DROP FUNCTION procurement_shops_version_write();

DROP FUNCTION procurement_steps_version_write();

DROP FUNCTION procurement_trackers_version_write();

DROP FUNCTION product_service_codes_version_write();

DROP FUNCTION project_history_version_write();

DROP FUNCTION project_team_leaders_version_write();

DROP FUNCTION projects_version_write();

DROP FUNCTION roles_version_write();

DROP FUNCTION services_components_version_write();

DROP FUNCTION tags_version_write();

DROP FUNCTION user_roles_version_write();

DROP FUNCTION user_sessions_version_write();

DROP FUNCTION users_version_write();

DROP FUNCTION vendor_contacts_version_write();

DROP FUNCTION vendors_version_write();

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
