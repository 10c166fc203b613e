CREATE TABLE __ops_user (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL
);

CREATE TABLE agreement_history_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    agreement_id INTEGER,
    agreement_number INTEGER,
    ops_event_id INTEGER,
    history_kind TEXT,
    title TEXT,
    message TEXT,
    changes TEXT,
    happened_on TIMESTAMP,
    changed_by INTEGER
);

CREATE TABLE agreement_tags_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    agreement_id INTEGER NOT NULL,
    tag_id INTEGER NOT NULL
);

CREATE TABLE agreement_team_members_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    agreement_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL
);

CREATE TABLE agreements_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    kind TEXT,
    name TEXT,
    description TEXT,
    reason TEXT,
    incumbent TEXT,
    project_id INTEGER,
    project_officer_id INTEGER,
    starts_on DATE,
    ends_on DATE,
    created_by INTEGER,
    created_on TIMESTAMP,
    procurement_shop_id INTEGER,
    updated_on TIMESTAMP,
    product_service_code_id INTEGER
);

CREATE TABLE budget_line_items_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    agreement_id INTEGER,
    can_id INTEGER,
    line_description TEXT,
    comments TEXT,
    amount NUMERIC(14, 2),
    status TEXT,
    date_needed DATE,
    created_by INTEGER,
    created_on TIMESTAMP,
    updated_on TIMESTAMP,
    services_component_id INTEGER,
    procurement_shop_fee_id INTEGER,
    grant_id INTEGER
);

CREATE TABLE can_funding_budgets_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    can_id INTEGER,
    fiscal_year INTEGER,
    budget NUMERIC(12, 2),
    notes TEXT,
    created_on TIMESTAMP
);

CREATE TABLE can_funding_details_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    fund_code VARCHAR(30),
    fiscal_year INTEGER,
    allowance TEXT,
    sub_allowance TEXT,
    allotment TEXT,
    arrangement_type TEXT,
    method_of_transfer TEXT,
    funding_source TEXT,
    active_period INTEGER
);

CREATE TABLE can_funding_received_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    can_id INTEGER,
    fiscal_year INTEGER,
    funding NUMERIC(12, 2),
    notes TEXT,
    created_on TIMESTAMP
);

CREATE TABLE can_history_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    can_id INTEGER,
    ops_event_id INTEGER,
    history_kind TEXT,
    title TEXT,
    message TEXT,
    fiscal_year INTEGER,
    happened_on TIMESTAMP,
    changed_by INTEGER
);

CREATE TABLE cans_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    number VARCHAR(30),
    description TEXT,
    nick_name TEXT,
    purpose TEXT,
    expires_on DATE,
    portfolio_id INTEGER,
    created_on TIMESTAMP,
    funding_details_id INTEGER
);

CREATE TABLE change_requests_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    kind TEXT,
    status TEXT,
    agreement_id INTEGER,
    budget_line_item_id INTEGER,
    requested_change TEXT,
    requested_change_diff TEXT,
    requestor_notes TEXT,
    managing_division_id INTEGER,
    reviewed_by INTEGER,
    reviewed_on TIMESTAMP,
    created_on TIMESTAMP
);

CREATE TABLE comments_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    agreement_id INTEGER,
    parent_id INTEGER,
    author_id INTEGER,
    body TEXT,
    created_on TIMESTAMP
);

CREATE TABLE contract_agreements_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    contract_number VARCHAR(50),
    task_order_number VARCHAR(50),
    contract_type TEXT,
    vendor_id INTEGER
);

CREATE TABLE direct_agreements_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    payee TEXT
);

CREATE TABLE divisions_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    name TEXT,
    abbreviation VARCHAR(10),
    director_id INTEGER,
    deputy_director_id INTEGER
);

CREATE TABLE documents_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    agreement_id INTEGER,
    name TEXT,
    type TEXT,
    size_bytes BIGINT,
    storage_key TEXT,
    created_by INTEGER,
    created_on TIMESTAMP
);

CREATE TABLE grant_agreements_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    funding_opportunity TEXT
);

CREATE TABLE grants_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    grant_agreement_id INTEGER,
    grant_number VARCHAR(40),
    awardee TEXT,
    details TEXT,
    created_on TIMESTAMP
);

CREATE TABLE interagency_agreements_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    partner_agency TEXT,
    direction TEXT
);

CREATE TABLE notifications_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    recipient_id INTEGER,
    title TEXT,
    message TEXT,
    is_read BOOLEAN,
    expires_on DATE,
    created_on TIMESTAMP
);

CREATE TABLE ops_events_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    event_type TEXT,
    event_status TEXT,
    event_details TEXT,
    created_by INTEGER,
    created_on TIMESTAMP
);

CREATE TABLE portfolio_team_leaders_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    portfolio_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL
);

CREATE TABLE portfolios_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    name TEXT,
    abbreviation VARCHAR(20),
    status TEXT,
    description TEXT,
    division_id INTEGER,
    urls TEXT
);

CREATE TABLE procurement_actions_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    agreement_id INTEGER,
    procurement_shop_id INTEGER,
    action_type TEXT,
    status TEXT,
    award_total DOUBLE,
    awarded_on DATE,
    created_on TIMESTAMP
);

CREATE TABLE procurement_shop_fees_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    procurement_shop_id INTEGER,
    fee NUMERIC(5, 2),
    starts_on DATE,
    ends_on DATE,
    created_on TIMESTAMP
);

CREATE TABLE procurement_shops_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    name TEXT,
    abbreviation VARCHAR(10)
);

CREATE TABLE procurement_steps_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    tracker_id INTEGER,
    step_number SMALLINT,
    status TEXT,
    notes TEXT,
    completed_by INTEGER,
    completed_on DATE,
    procurement_action_id INTEGER
);

CREATE TABLE procurement_trackers_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    agreement_id INTEGER,
    status TEXT,
    active_step INTEGER,
    created_on TIMESTAMP
);

CREATE TABLE product_service_codes_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    name TEXT,
    naics INTEGER,
    support_code VARCHAR(60)
);

CREATE TABLE project_history_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    project_id INTEGER,
    ops_event_id INTEGER,
    history_kind TEXT,
    title TEXT,
    message TEXT,
    happened_on TIMESTAMP
);

CREATE TABLE project_team_leaders_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    project_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL
);

CREATE TABLE projects_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    title TEXT,
    short_title TEXT,
    description TEXT,
    url TEXT,
    originated_on DATE,
    methodologies TEXT,
    kind TEXT
);

CREATE TABLE roles_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    name TEXT,
    permissions TEXT
);

CREATE TABLE services_components_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    agreement_id INTEGER,
    number INTEGER,
    optional BOOLEAN,
    description TEXT,
    starts_on DATE,
    ends_on DATE,
    created_on TIMESTAMP,
    sub_component VARCHAR(20)
);

CREATE TABLE tags_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    name VARCHAR(40),
    color VARCHAR(7)
);

CREATE TABLE user_roles_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    user_id INTEGER NOT NULL,
    role_id INTEGER NOT NULL
);

CREATE TABLE user_sessions_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id TEXT NOT NULL,
    user_id INTEGER,
    is_active BOOLEAN,
    ip_address TEXT,
    token_digest BLOB,
    scopes TEXT,
    last_active_on TIMESTAMP,
    created_on TIMESTAMP
);

CREATE TABLE users_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    email TEXT,
    first_name TEXT,
    last_name TEXT,
    created_on TIMESTAMP,
    division_id INTEGER,
    updated_on TIMESTAMP,
    status TEXT,
    oidc_id TEXT
);

CREATE TABLE vendor_contacts_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    vendor_id INTEGER,
    full_name TEXT,
    email TEXT,
    phone VARCHAR(30)
);

CREATE TABLE vendors_version (
    history_id INTEGER NOT NULL PRIMARY KEY,
    history_operation TEXT NOT NULL,
    history_at TIMESTAMP NOT NULL,
    history_by TEXT,
    history_transaction BIGINT NOT NULL,
    id INTEGER NOT NULL,
    name TEXT,
    vendor_type TEXT,
    duns VARCHAR(9),
    active BOOLEAN
);

CREATE INDEX agreement_history_version_id_history_at_idx ON agreement_history_version (id, history_at);

CREATE INDEX agreement_tags_version_agreement_id_tag_id_history_at_idx ON agreement_tags_version (agreement_id, tag_id, history_at);

CREATE INDEX agreement_team_members_versio_agreement_id_user_id_history__idx ON agreement_team_members_version (agreement_id, user_id, history_at);

CREATE INDEX agreements_version_id_history_at_idx ON agreements_version (id, history_at);

CREATE INDEX agreements_version_project_id_idx ON agreements_version (project_id);

CREATE INDEX agreements_version_project_officer_id_idx ON agreements_version (project_officer_id);

CREATE INDEX budget_line_items_version_id_history_at_idx ON budget_line_items_version (id, history_at);

CREATE INDEX budget_line_items_version_agreement_id_idx ON budget_line_items_version (agreement_id);

CREATE INDEX budget_line_items_version_can_id_idx ON budget_line_items_version (can_id);

CREATE INDEX can_funding_budgets_version_id_history_at_idx ON can_funding_budgets_version (id, history_at);

CREATE INDEX can_funding_details_version_id_history_at_idx ON can_funding_details_version (id, history_at);

CREATE INDEX can_funding_received_version_id_history_at_idx ON can_funding_received_version (id, history_at);

CREATE INDEX can_history_version_id_history_at_idx ON can_history_version (id, history_at);

CREATE INDEX cans_version_id_history_at_idx ON cans_version (id, history_at);

CREATE INDEX cans_version_portfolio_id_idx ON cans_version (portfolio_id);

CREATE INDEX change_requests_version_id_history_at_idx ON change_requests_version (id, history_at);

CREATE INDEX change_requests_version_agreement_id_idx ON change_requests_version (agreement_id);

CREATE INDEX change_requests_version_managing_division_id_idx ON change_requests_version (managing_division_id);

CREATE INDEX comments_version_id_history_at_idx ON comments_version (id, history_at);

CREATE INDEX comments_version_agreement_id_idx ON comments_version (agreement_id);

CREATE INDEX contract_agreements_version_id_history_at_idx ON contract_agreements_version (id, history_at);

CREATE INDEX direct_agreements_version_id_history_at_idx ON direct_agreements_version (id, history_at);

CREATE INDEX divisions_version_id_history_at_idx ON divisions_version (id, history_at);

CREATE INDEX documents_version_id_history_at_idx ON documents_version (id, history_at);

CREATE INDEX documents_version_agreement_id_idx ON documents_version (agreement_id);

CREATE INDEX grant_agreements_version_id_history_at_idx ON grant_agreements_version (id, history_at);

CREATE INDEX grants_version_id_history_at_idx ON grants_version (id, history_at);

CREATE INDEX interagency_agreements_version_id_history_at_idx ON interagency_agreements_version (id, history_at);

CREATE INDEX notifications_version_id_history_at_idx ON notifications_version (id, history_at);

CREATE INDEX notifications_version_recipient_id_idx ON notifications_version (recipient_id);

CREATE INDEX ops_events_version_id_history_at_idx ON ops_events_version (id, history_at);

CREATE INDEX portfolio_team_leaders_versio_portfolio_id_user_id_history__idx ON portfolio_team_leaders_version (portfolio_id, user_id, history_at);

CREATE INDEX portfolios_version_id_history_at_idx ON portfolios_version (id, history_at);

CREATE INDEX procurement_actions_version_id_history_at_idx ON procurement_actions_version (id, history_at);

CREATE INDEX procurement_shop_fees_version_id_history_at_idx ON procurement_shop_fees_version (id, history_at);

CREATE INDEX procurement_shop_fees_version_procurement_shop_id_idx ON procurement_shop_fees_version (procurement_shop_id);

CREATE INDEX procurement_shops_version_id_history_at_idx ON procurement_shops_version (id, history_at);

CREATE INDEX procurement_steps_version_id_history_at_idx ON procurement_steps_version (id, history_at);

CREATE INDEX procurement_trackers_version_id_history_at_idx ON procurement_trackers_version (id, history_at);

CREATE INDEX product_service_codes_version_id_history_at_idx ON product_service_codes_version (id, history_at);

CREATE INDEX project_history_version_id_history_at_idx ON project_history_version (id, history_at);

CREATE INDEX project_history_version_project_id_idx ON project_history_version (project_id);

CREATE INDEX project_team_leaders_version_project_id_user_id_history_at_idx ON project_team_leaders_version (project_id, user_id, history_at);

CREATE INDEX projects_version_id_history_at_idx ON projects_version (id, history_at);

CREATE INDEX roles_version_id_history_at_idx ON roles_version (id, history_at);

CREATE INDEX services_components_version_id_history_at_idx ON services_components_version (id, history_at);

CREATE INDEX services_components_version_agreement_id_idx ON services_components_version (agreement_id);

CREATE INDEX tags_version_id_history_at_idx ON tags_version (id, history_at);

CREATE INDEX user_roles_version_user_id_role_id_history_at_idx ON user_roles_version (user_id, role_id, history_at);

CREATE INDEX user_sessions_version_id_history_at_idx ON user_sessions_version (id, history_at);

CREATE INDEX user_sessions_version_user_id_idx ON user_sessions_version (user_id);

CREATE INDEX users_version_id_history_at_idx ON users_version (id, history_at);

CREATE INDEX vendor_contacts_version_id_history_at_idx ON vendor_contacts_version (id, history_at);

CREATE INDEX vendors_version_id_history_at_idx ON vendors_version (id, history_at);

CREATE TRIGGER agreement_history_version_insert AFTER INSERT ON agreement_history
BEGIN
INSERT INTO agreement_history_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, agreement_number, ops_event_id, history_kind, title, message, changes, happened_on, changed_by)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.agreement_id, NEW.agreement_number, NEW.ops_event_id, NEW.history_kind, NEW.title, NEW.message, NEW.changes, NEW.happened_on, NEW.changed_by);
END;

CREATE TRIGGER agreement_history_version_update AFTER UPDATE ON agreement_history
BEGIN
INSERT INTO agreement_history_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, agreement_number, ops_event_id, history_kind, title, message, changes, happened_on, changed_by)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.agreement_id, NEW.agreement_number, NEW.ops_event_id, NEW.history_kind, NEW.title, NEW.message, NEW.changes, NEW.happened_on, NEW.changed_by);
END;

CREATE TRIGGER agreement_history_version_delete AFTER DELETE ON agreement_history
BEGIN
INSERT INTO agreement_history_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, agreement_number, ops_event_id, history_kind, title, message, changes, happened_on, changed_by)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.agreement_id, OLD.agreement_number, OLD.ops_event_id, OLD.history_kind, OLD.title, OLD.message, OLD.changes, OLD.happened_on, OLD.changed_by);
END;

CREATE TRIGGER agreement_tags_version_insert AFTER INSERT ON agreement_tags
BEGIN
INSERT INTO agreement_tags_version (history_operation, history_at, history_by, history_transaction, agreement_id, tag_id)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.agreement_id, NEW.tag_id);
END;

CREATE TRIGGER agreement_tags_version_update AFTER UPDATE ON agreement_tags
BEGIN
INSERT INTO agreement_tags_version (history_operation, history_at, history_by, history_transaction, agreement_id, tag_id)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.agreement_id, NEW.tag_id);
END;

CREATE TRIGGER agreement_tags_version_delete AFTER DELETE ON agreement_tags
BEGIN
INSERT INTO agreement_tags_version (history_operation, history_at, history_by, history_transaction, agreement_id, tag_id)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.agreement_id, OLD.tag_id);
END;

CREATE TRIGGER agreement_team_members_version_insert AFTER INSERT ON agreement_team_members
BEGIN
INSERT INTO agreement_team_members_version (history_operation, history_at, history_by, history_transaction, agreement_id, user_id)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.agreement_id, NEW.user_id);
END;

CREATE TRIGGER agreement_team_members_version_update AFTER UPDATE ON agreement_team_members
BEGIN
INSERT INTO agreement_team_members_version (history_operation, history_at, history_by, history_transaction, agreement_id, user_id)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.agreement_id, NEW.user_id);
END;

CREATE TRIGGER agreement_team_members_version_delete AFTER DELETE ON agreement_team_members
BEGIN
INSERT INTO agreement_team_members_version (history_operation, history_at, history_by, history_transaction, agreement_id, user_id)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.agreement_id, OLD.user_id);
END;

CREATE TRIGGER agreements_version_insert AFTER INSERT ON agreements
BEGIN
INSERT INTO agreements_version (history_operation, history_at, history_by, history_transaction, id, kind, name, description, reason, incumbent, project_id, project_officer_id, starts_on, ends_on, created_by, created_on, procurement_shop_id, updated_on, product_service_code_id)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.kind, NEW.name, NEW.description, NEW.reason, NEW.incumbent, NEW.project_id, NEW.project_officer_id, NEW.starts_on, NEW.ends_on, NEW.created_by, NEW.created_on, NEW.procurement_shop_id, NEW.updated_on, NEW.product_service_code_id);
END;

CREATE TRIGGER agreements_version_update AFTER UPDATE ON agreements
BEGIN
INSERT INTO agreements_version (history_operation, history_at, history_by, history_transaction, id, kind, name, description, reason, incumbent, project_id, project_officer_id, starts_on, ends_on, created_by, created_on, procurement_shop_id, updated_on, product_service_code_id)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.kind, NEW.name, NEW.description, NEW.reason, NEW.incumbent, NEW.project_id, NEW.project_officer_id, NEW.starts_on, NEW.ends_on, NEW.created_by, NEW.created_on, NEW.procurement_shop_id, NEW.updated_on, NEW.product_service_code_id);
END;

CREATE TRIGGER agreements_version_delete AFTER DELETE ON agreements
BEGIN
INSERT INTO agreements_version (history_operation, history_at, history_by, history_transaction, id, kind, name, description, reason, incumbent, project_id, project_officer_id, starts_on, ends_on, created_by, created_on, procurement_shop_id, updated_on, product_service_code_id)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.kind, OLD.name, OLD.description, OLD.reason, OLD.incumbent, OLD.project_id, OLD.project_officer_id, OLD.starts_on, OLD.ends_on, OLD.created_by, OLD.created_on, OLD.procurement_shop_id, OLD.updated_on, OLD.product_service_code_id);
END;

CREATE TRIGGER budget_line_items_version_insert AFTER INSERT ON budget_line_items
BEGIN
INSERT INTO budget_line_items_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, can_id, line_description, comments, amount, status, date_needed, created_by, created_on, updated_on, services_component_id, procurement_shop_fee_id, grant_id)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.agreement_id, NEW.can_id, NEW.line_description, NEW.comments, NEW.amount, NEW.status, NEW.date_needed, NEW.created_by, NEW.created_on, NEW.updated_on, NEW.services_component_id, NEW.procurement_shop_fee_id, NEW.grant_id);
END;

CREATE TRIGGER budget_line_items_version_update AFTER UPDATE ON budget_line_items
BEGIN
INSERT INTO budget_line_items_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, can_id, line_description, comments, amount, status, date_needed, created_by, created_on, updated_on, services_component_id, procurement_shop_fee_id, grant_id)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.agreement_id, NEW.can_id, NEW.line_description, NEW.comments, NEW.amount, NEW.status, NEW.date_needed, NEW.created_by, NEW.created_on, NEW.updated_on, NEW.services_component_id, NEW.procurement_shop_fee_id, NEW.grant_id);
END;

CREATE TRIGGER budget_line_items_version_delete AFTER DELETE ON budget_line_items
BEGIN
INSERT INTO budget_line_items_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, can_id, line_description, comments, amount, status, date_needed, created_by, created_on, updated_on, services_component_id, procurement_shop_fee_id, grant_id)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.agreement_id, OLD.can_id, OLD.line_description, OLD.comments, OLD.amount, OLD.status, OLD.date_needed, OLD.created_by, OLD.created_on, OLD.updated_on, OLD.services_component_id, OLD.procurement_shop_fee_id, OLD.grant_id);
END;

CREATE TRIGGER can_funding_budgets_version_insert AFTER INSERT ON can_funding_budgets
BEGIN
INSERT INTO can_funding_budgets_version (history_operation, history_at, history_by, history_transaction, id, can_id, fiscal_year, budget, notes, created_on)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.can_id, NEW.fiscal_year, NEW.budget, NEW.notes, NEW.created_on);
END;

CREATE TRIGGER can_funding_budgets_version_update AFTER UPDATE ON can_funding_budgets
BEGIN
INSERT INTO can_funding_budgets_version (history_operation, history_at, history_by, history_transaction, id, can_id, fiscal_year, budget, notes, created_on)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.can_id, NEW.fiscal_year, NEW.budget, NEW.notes, NEW.created_on);
END;

CREATE TRIGGER can_funding_budgets_version_delete AFTER DELETE ON can_funding_budgets
BEGIN
INSERT INTO can_funding_budgets_version (history_operation, history_at, history_by, history_transaction, id, can_id, fiscal_year, budget, notes, created_on)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.can_id, OLD.fiscal_year, OLD.budget, OLD.notes, OLD.created_on);
END;

CREATE TRIGGER can_funding_details_version_insert AFTER INSERT ON can_funding_details
BEGIN
INSERT INTO can_funding_details_version (history_operation, history_at, history_by, history_transaction, id, fund_code, fiscal_year, allowance, sub_allowance, allotment, arrangement_type, method_of_transfer, funding_source, active_period)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.fund_code, NEW.fiscal_year, NEW.allowance, NEW.sub_allowance, NEW.allotment, NEW.arrangement_type, NEW.method_of_transfer, NEW.funding_source, NEW.active_period);
END;

CREATE TRIGGER can_funding_details_version_update AFTER UPDATE ON can_funding_details
BEGIN
INSERT INTO can_funding_details_version (history_operation, history_at, history_by, history_transaction, id, fund_code, fiscal_year, allowance, sub_allowance, allotment, arrangement_type, method_of_transfer, funding_source, active_period)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.fund_code, NEW.fiscal_year, NEW.allowance, NEW.sub_allowance, NEW.allotment, NEW.arrangement_type, NEW.method_of_transfer, NEW.funding_source, NEW.active_period);
END;

CREATE TRIGGER can_funding_details_version_delete AFTER DELETE ON can_funding_details
BEGIN
INSERT INTO can_funding_details_version (history_operation, history_at, history_by, history_transaction, id, fund_code, fiscal_year, allowance, sub_allowance, allotment, arrangement_type, method_of_transfer, funding_source, active_period)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.fund_code, OLD.fiscal_year, OLD.allowance, OLD.sub_allowance, OLD.allotment, OLD.arrangement_type, OLD.method_of_transfer, OLD.funding_source, OLD.active_period);
END;

CREATE TRIGGER can_funding_received_version_insert AFTER INSERT ON can_funding_received
BEGIN
INSERT INTO can_funding_received_version (history_operation, history_at, history_by, history_transaction, id, can_id, fiscal_year, funding, notes, created_on)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.can_id, NEW.fiscal_year, NEW.funding, NEW.notes, NEW.created_on);
END;

CREATE TRIGGER can_funding_received_version_update AFTER UPDATE ON can_funding_received
BEGIN
INSERT INTO can_funding_received_version (history_operation, history_at, history_by, history_transaction, id, can_id, fiscal_year, funding, notes, created_on)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.can_id, NEW.fiscal_year, NEW.funding, NEW.notes, NEW.created_on);
END;

CREATE TRIGGER can_funding_received_version_delete AFTER DELETE ON can_funding_received
BEGIN
INSERT INTO can_funding_received_version (history_operation, history_at, history_by, history_transaction, id, can_id, fiscal_year, funding, notes, created_on)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.can_id, OLD.fiscal_year, OLD.funding, OLD.notes, OLD.created_on);
END;

CREATE TRIGGER can_history_version_insert AFTER INSERT ON can_history
BEGIN
INSERT INTO can_history_version (history_operation, history_at, history_by, history_transaction, id, can_id, ops_event_id, history_kind, title, message, fiscal_year, happened_on, changed_by)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.can_id, NEW.ops_event_id, NEW.history_kind, NEW.title, NEW.message, NEW.fiscal_year, NEW.happened_on, NEW.changed_by);
END;

CREATE TRIGGER can_history_version_update AFTER UPDATE ON can_history
BEGIN
INSERT INTO can_history_version (history_operation, history_at, history_by, history_transaction, id, can_id, ops_event_id, history_kind, title, message, fiscal_year, happened_on, changed_by)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.can_id, NEW.ops_event_id, NEW.history_kind, NEW.title, NEW.message, NEW.fiscal_year, NEW.happened_on, NEW.changed_by);
END;

CREATE TRIGGER can_history_version_delete AFTER DELETE ON can_history
BEGIN
INSERT INTO can_history_version (history_operation, history_at, history_by, history_transaction, id, can_id, ops_event_id, history_kind, title, message, fiscal_year, happened_on, changed_by)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.can_id, OLD.ops_event_id, OLD.history_kind, OLD.title, OLD.message, OLD.fiscal_year, OLD.happened_on, OLD.changed_by);
END;

CREATE TRIGGER cans_version_insert AFTER INSERT ON cans
BEGIN
INSERT INTO cans_version (history_operation, history_at, history_by, history_transaction, id, number, description, nick_name, purpose, expires_on, portfolio_id, created_on, funding_details_id)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.number, NEW.description, NEW.nick_name, NEW.purpose, NEW.expires_on, NEW.portfolio_id, NEW.created_on, NEW.funding_details_id);
END;

CREATE TRIGGER cans_version_update AFTER UPDATE ON cans
BEGIN
INSERT INTO cans_version (history_operation, history_at, history_by, history_transaction, id, number, description, nick_name, purpose, expires_on, portfolio_id, created_on, funding_details_id)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.number, NEW.description, NEW.nick_name, NEW.purpose, NEW.expires_on, NEW.portfolio_id, NEW.created_on, NEW.funding_details_id);
END;

CREATE TRIGGER cans_version_delete AFTER DELETE ON cans
BEGIN
INSERT INTO cans_version (history_operation, history_at, history_by, history_transaction, id, number, description, nick_name, purpose, expires_on, portfolio_id, created_on, funding_details_id)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.number, OLD.description, OLD.nick_name, OLD.purpose, OLD.expires_on, OLD.portfolio_id, OLD.created_on, OLD.funding_details_id);
END;

CREATE TRIGGER change_requests_version_insert AFTER INSERT ON change_requests
BEGIN
INSERT INTO change_requests_version (history_operation, history_at, history_by, history_transaction, id, kind, status, agreement_id, budget_line_item_id, requested_change, requested_change_diff, requestor_notes, managing_division_id, reviewed_by, reviewed_on, created_on)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.kind, NEW.status, NEW.agreement_id, NEW.budget_line_item_id, NEW.requested_change, NEW.requested_change_diff, NEW.requestor_notes, NEW.managing_division_id, NEW.reviewed_by, NEW.reviewed_on, NEW.created_on);
END;

CREATE TRIGGER change_requests_version_update AFTER UPDATE ON change_requests
BEGIN
INSERT INTO change_requests_version (history_operation, history_at, history_by, history_transaction, id, kind, status, agreement_id, budget_line_item_id, requested_change, requested_change_diff, requestor_notes, managing_division_id, reviewed_by, reviewed_on, created_on)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.kind, NEW.status, NEW.agreement_id, NEW.budget_line_item_id, NEW.requested_change, NEW.requested_change_diff, NEW.requestor_notes, NEW.managing_division_id, NEW.reviewed_by, NEW.reviewed_on, NEW.created_on);
END;

CREATE TRIGGER change_requests_version_delete AFTER DELETE ON change_requests
BEGIN
INSERT INTO change_requests_version (history_operation, history_at, history_by, history_transaction, id, kind, status, agreement_id, budget_line_item_id, requested_change, requested_change_diff, requestor_notes, managing_division_id, reviewed_by, reviewed_on, created_on)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.kind, OLD.status, OLD.agreement_id, OLD.budget_line_item_id, OLD.requested_change, OLD.requested_change_diff, OLD.requestor_notes, OLD.managing_division_id, OLD.reviewed_by, OLD.reviewed_on, OLD.created_on);
END;

CREATE TRIGGER comments_version_insert AFTER INSERT ON comments
BEGIN
INSERT INTO comments_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, parent_id, author_id, body, created_on)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.agreement_id, NEW.parent_id, NEW.author_id, NEW.body, NEW.created_on);
END;

CREATE TRIGGER comments_version_update AFTER UPDATE ON comments
BEGIN
INSERT INTO comments_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, parent_id, author_id, body, created_on)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.agreement_id, NEW.parent_id, NEW.author_id, NEW.body, NEW.created_on);
END;

CREATE TRIGGER comments_version_delete AFTER DELETE ON comments
BEGIN
INSERT INTO comments_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, parent_id, author_id, body, created_on)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.agreement_id, OLD.parent_id, OLD.author_id, OLD.body, OLD.created_on);
END;

CREATE TRIGGER contract_agreements_version_insert AFTER INSERT ON contract_agreements
BEGIN
INSERT INTO contract_agreements_version (history_operation, history_at, history_by, history_transaction, id, contract_number, task_order_number, contract_type, vendor_id)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.contract_number, NEW.task_order_number, NEW.contract_type, NEW.vendor_id);
END;

CREATE TRIGGER contract_agreements_version_update AFTER UPDATE ON contract_agreements
BEGIN
INSERT INTO contract_agreements_version (history_operation, history_at, history_by, history_transaction, id, contract_number, task_order_number, contract_type, vendor_id)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.contract_number, NEW.task_order_number, NEW.contract_type, NEW.vendor_id);
END;

CREATE TRIGGER contract_agreements_version_delete AFTER DELETE ON contract_agreements
BEGIN
INSERT INTO contract_agreements_version (history_operation, history_at, history_by, history_transaction, id, contract_number, task_order_number, contract_type, vendor_id)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.contract_number, OLD.task_order_number, OLD.contract_type, OLD.vendor_id);
END;

CREATE TRIGGER direct_agreements_version_insert AFTER INSERT ON direct_agreements
BEGIN
INSERT INTO direct_agreements_version (history_operation, history_at, history_by, history_transaction, id, payee)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.payee);
END;

CREATE TRIGGER direct_agreements_version_update AFTER UPDATE ON direct_agreements
BEGIN
INSERT INTO direct_agreements_version (history_operation, history_at, history_by, history_transaction, id, payee)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.payee);
END;

CREATE TRIGGER direct_agreements_version_delete AFTER DELETE ON direct_agreements
BEGIN
INSERT INTO direct_agreements_version (history_operation, history_at, history_by, history_transaction, id, payee)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.payee);
END;

CREATE TRIGGER divisions_version_insert AFTER INSERT ON divisions
BEGIN
INSERT INTO divisions_version (history_operation, history_at, history_by, history_transaction, id, name, abbreviation, director_id, deputy_director_id)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.name, NEW.abbreviation, NEW.director_id, NEW.deputy_director_id);
END;

CREATE TRIGGER divisions_version_update AFTER UPDATE ON divisions
BEGIN
INSERT INTO divisions_version (history_operation, history_at, history_by, history_transaction, id, name, abbreviation, director_id, deputy_director_id)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.name, NEW.abbreviation, NEW.director_id, NEW.deputy_director_id);
END;

CREATE TRIGGER divisions_version_delete AFTER DELETE ON divisions
BEGIN
INSERT INTO divisions_version (history_operation, history_at, history_by, history_transaction, id, name, abbreviation, director_id, deputy_director_id)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.name, OLD.abbreviation, OLD.director_id, OLD.deputy_director_id);
END;

CREATE TRIGGER documents_version_insert AFTER INSERT ON documents
BEGIN
INSERT INTO documents_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, name, type, size_bytes, storage_key, created_by, created_on)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.agreement_id, NEW.name, NEW.type, NEW.size_bytes, NEW.storage_key, NEW.created_by, NEW.created_on);
END;

CREATE TRIGGER documents_version_update AFTER UPDATE ON documents
BEGIN
INSERT INTO documents_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, name, type, size_bytes, storage_key, created_by, created_on)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.agreement_id, NEW.name, NEW.type, NEW.size_bytes, NEW.storage_key, NEW.created_by, NEW.created_on);
END;

CREATE TRIGGER documents_version_delete AFTER DELETE ON documents
BEGIN
INSERT INTO documents_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, name, type, size_bytes, storage_key, created_by, created_on)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.agreement_id, OLD.name, OLD.type, OLD.size_bytes, OLD.storage_key, OLD.created_by, OLD.created_on);
END;

CREATE TRIGGER grant_agreements_version_insert AFTER INSERT ON grant_agreements
BEGIN
INSERT INTO grant_agreements_version (history_operation, history_at, history_by, history_transaction, id, funding_opportunity)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.funding_opportunity);
END;

CREATE TRIGGER grant_agreements_version_update AFTER UPDATE ON grant_agreements
BEGIN
INSERT INTO grant_agreements_version (history_operation, history_at, history_by, history_transaction, id, funding_opportunity)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.funding_opportunity);
END;

CREATE TRIGGER grant_agreements_version_delete AFTER DELETE ON grant_agreements
BEGIN
INSERT INTO grant_agreements_version (history_operation, history_at, history_by, history_transaction, id, funding_opportunity)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.funding_opportunity);
END;

CREATE TRIGGER grants_version_insert AFTER INSERT ON grants
BEGIN
INSERT INTO grants_version (history_operation, history_at, history_by, history_transaction, id, grant_agreement_id, grant_number, awardee, details, created_on)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.grant_agreement_id, NEW.grant_number, NEW.awardee, NEW.details, NEW.created_on);
END;

CREATE TRIGGER grants_version_update AFTER UPDATE ON grants
BEGIN
INSERT INTO grants_version (history_operation, history_at, history_by, history_transaction, id, grant_agreement_id, grant_number, awardee, details, created_on)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.grant_agreement_id, NEW.grant_number, NEW.awardee, NEW.details, NEW.created_on);
END;

CREATE TRIGGER grants_version_delete AFTER DELETE ON grants
BEGIN
INSERT INTO grants_version (history_operation, history_at, history_by, history_transaction, id, grant_agreement_id, grant_number, awardee, details, created_on)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.grant_agreement_id, OLD.grant_number, OLD.awardee, OLD.details, OLD.created_on);
END;

CREATE TRIGGER interagency_agreements_version_insert AFTER INSERT ON interagency_agreements
BEGIN
INSERT INTO interagency_agreements_version (history_operation, history_at, history_by, history_transaction, id, partner_agency, direction)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.partner_agency, NEW.direction);
END;

CREATE TRIGGER interagency_agreements_version_update AFTER UPDATE ON interagency_agreements
BEGIN
INSERT INTO interagency_agreements_version (history_operation, history_at, history_by, history_transaction, id, partner_agency, direction)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.partner_agency, NEW.direction);
END;

CREATE TRIGGER interagency_agreements_version_delete AFTER DELETE ON interagency_agreements
BEGIN
INSERT INTO interagency_agreements_version (history_operation, history_at, history_by, history_transaction, id, partner_agency, direction)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.partner_agency, OLD.direction);
END;

CREATE TRIGGER notifications_version_insert AFTER INSERT ON notifications
BEGIN
INSERT INTO notifications_version (history_operation, history_at, history_by, history_transaction, id, recipient_id, title, message, is_read, expires_on, created_on)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.recipient_id, NEW.title, NEW.message, NEW.is_read, NEW.expires_on, NEW.created_on);
END;

CREATE TRIGGER notifications_version_update AFTER UPDATE ON notifications
BEGIN
INSERT INTO notifications_version (history_operation, history_at, history_by, history_transaction, id, recipient_id, title, message, is_read, expires_on, created_on)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.recipient_id, NEW.title, NEW.message, NEW.is_read, NEW.expires_on, NEW.created_on);
END;

CREATE TRIGGER notifications_version_delete AFTER DELETE ON notifications
BEGIN
INSERT INTO notifications_version (history_operation, history_at, history_by, history_transaction, id, recipient_id, title, message, is_read, expires_on, created_on)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.recipient_id, OLD.title, OLD.message, OLD.is_read, OLD.expires_on, OLD.created_on);
END;

CREATE TRIGGER ops_events_version_insert AFTER INSERT ON ops_events
BEGIN
INSERT INTO ops_events_version (history_operation, history_at, history_by, history_transaction, id, event_type, event_status, event_details, created_by, created_on)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.event_type, NEW.event_status, NEW.event_details, NEW.created_by, NEW.created_on);
END;

CREATE TRIGGER ops_events_version_update AFTER UPDATE ON ops_events
BEGIN
INSERT INTO ops_events_version (history_operation, history_at, history_by, history_transaction, id, event_type, event_status, event_details, created_by, created_on)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.event_type, NEW.event_status, NEW.event_details, NEW.created_by, NEW.created_on);
END;

CREATE TRIGGER ops_events_version_delete AFTER DELETE ON ops_events
BEGIN
INSERT INTO ops_events_version (history_operation, history_at, history_by, history_transaction, id, event_type, event_status, event_details, created_by, created_on)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.event_type, OLD.event_status, OLD.event_details, OLD.created_by, OLD.created_on);
END;

CREATE TRIGGER portfolio_team_leaders_version_insert AFTER INSERT ON portfolio_team_leaders
BEGIN
INSERT INTO portfolio_team_leaders_version (history_operation, history_at, history_by, history_transaction, portfolio_id, user_id)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.portfolio_id, NEW.user_id);
END;

CREATE TRIGGER portfolio_team_leaders_version_update AFTER UPDATE ON portfolio_team_leaders
BEGIN
INSERT INTO portfolio_team_leaders_version (history_operation, history_at, history_by, history_transaction, portfolio_id, user_id)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.portfolio_id, NEW.user_id);
END;

CREATE TRIGGER portfolio_team_leaders_version_delete AFTER DELETE ON portfolio_team_leaders
BEGIN
INSERT INTO portfolio_team_leaders_version (history_operation, history_at, history_by, history_transaction, portfolio_id, user_id)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.portfolio_id, OLD.user_id);
END;

CREATE TRIGGER portfolios_version_insert AFTER INSERT ON portfolios
BEGIN
INSERT INTO portfolios_version (history_operation, history_at, history_by, history_transaction, id, name, abbreviation, status, description, division_id, urls)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.name, NEW.abbreviation, NEW.status, NEW.description, NEW.division_id, NEW.urls);
END;

CREATE TRIGGER portfolios_version_update AFTER UPDATE ON portfolios
BEGIN
INSERT INTO portfolios_version (history_operation, history_at, history_by, history_transaction, id, name, abbreviation, status, description, division_id, urls)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.name, NEW.abbreviation, NEW.status, NEW.description, NEW.division_id, NEW.urls);
END;

CREATE TRIGGER portfolios_version_delete AFTER DELETE ON portfolios
BEGIN
INSERT INTO portfolios_version (history_operation, history_at, history_by, history_transaction, id, name, abbreviation, status, description, division_id, urls)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.name, OLD.abbreviation, OLD.status, OLD.description, OLD.division_id, OLD.urls);
END;

CREATE TRIGGER procurement_actions_version_insert AFTER INSERT ON procurement_actions
BEGIN
INSERT INTO procurement_actions_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, procurement_shop_id, action_type, status, award_total, awarded_on, created_on)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.agreement_id, NEW.procurement_shop_id, NEW.action_type, NEW.status, NEW.award_total, NEW.awarded_on, NEW.created_on);
END;

CREATE TRIGGER procurement_actions_version_update AFTER UPDATE ON procurement_actions
BEGIN
INSERT INTO procurement_actions_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, procurement_shop_id, action_type, status, award_total, awarded_on, created_on)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.agreement_id, NEW.procurement_shop_id, NEW.action_type, NEW.status, NEW.award_total, NEW.awarded_on, NEW.created_on);
END;

CREATE TRIGGER procurement_actions_version_delete AFTER DELETE ON procurement_actions
BEGIN
INSERT INTO procurement_actions_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, procurement_shop_id, action_type, status, award_total, awarded_on, created_on)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.agreement_id, OLD.procurement_shop_id, OLD.action_type, OLD.status, OLD.award_total, OLD.awarded_on, OLD.created_on);
END;

CREATE TRIGGER procurement_shop_fees_version_insert AFTER INSERT ON procurement_shop_fees
BEGIN
INSERT INTO procurement_shop_fees_version (history_operation, history_at, history_by, history_transaction, id, procurement_shop_id, fee, starts_on, ends_on, created_on)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.procurement_shop_id, NEW.fee, NEW.starts_on, NEW.ends_on, NEW.created_on);
END;

CREATE TRIGGER procurement_shop_fees_version_update AFTER UPDATE ON procurement_shop_fees
BEGIN
INSERT INTO procurement_shop_fees_version (history_operation, history_at, history_by, history_transaction, id, procurement_shop_id, fee, starts_on, ends_on, created_on)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.procurement_shop_id, NEW.fee, NEW.starts_on, NEW.ends_on, NEW.created_on);
END;

CREATE TRIGGER procurement_shop_fees_version_delete AFTER DELETE ON procurement_shop_fees
BEGIN
INSERT INTO procurement_shop_fees_version (history_operation, history_at, history_by, history_transaction, id, procurement_shop_id, fee, starts_on, ends_on, created_on)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.procurement_shop_id, OLD.fee, OLD.starts_on, OLD.ends_on, OLD.created_on);
END;

CREATE TRIGGER procurement_shops_version_insert AFTER INSERT ON procurement_shops
BEGIN
INSERT INTO procurement_shops_version (history_operation, history_at, history_by, history_transaction, id, name, abbreviation)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.name, NEW.abbreviation);
END;

CREATE TRIGGER procurement_shops_version_update AFTER UPDATE ON procurement_shops
BEGIN
INSERT INTO procurement_shops_version (history_operation, history_at, history_by, history_transaction, id, name, abbreviation)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.name, NEW.abbreviation);
END;

CREATE TRIGGER procurement_shops_version_delete AFTER DELETE ON procurement_shops
BEGIN
INSERT INTO procurement_shops_version (history_operation, history_at, history_by, history_transaction, id, name, abbreviation)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.name, OLD.abbreviation);
END;

CREATE TRIGGER procurement_steps_version_insert AFTER INSERT ON procurement_steps
BEGIN
INSERT INTO procurement_steps_version (history_operation, history_at, history_by, history_transaction, id, tracker_id, step_number, status, notes, completed_by, completed_on, procurement_action_id)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.tracker_id, NEW.step_number, NEW.status, NEW.notes, NEW.completed_by, NEW.completed_on, NEW.procurement_action_id);
END;

CREATE TRIGGER procurement_steps_version_update AFTER UPDATE ON procurement_steps
BEGIN
INSERT INTO procurement_steps_version (history_operation, history_at, history_by, history_transaction, id, tracker_id, step_number, status, notes, completed_by, completed_on, procurement_action_id)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.tracker_id, NEW.step_number, NEW.status, NEW.notes, NEW.completed_by, NEW.completed_on, NEW.procurement_action_id);
END;

CREATE TRIGGER procurement_steps_version_delete AFTER DELETE ON procurement_steps
BEGIN
INSERT INTO procurement_steps_version (history_operation, history_at, history_by, history_transaction, id, tracker_id, step_number, status, notes, completed_by, completed_on, procurement_action_id)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.tracker_id, OLD.step_number, OLD.status, OLD.notes, OLD.completed_by, OLD.completed_on, OLD.procurement_action_id);
END;

CREATE TRIGGER procurement_trackers_version_insert AFTER INSERT ON procurement_trackers
BEGIN
INSERT INTO procurement_trackers_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, status, active_step, created_on)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.agreement_id, NEW.status, NEW.active_step, NEW.created_on);
END;

CREATE TRIGGER procurement_trackers_version_update AFTER UPDATE ON procurement_trackers
BEGIN
INSERT INTO procurement_trackers_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, status, active_step, created_on)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.agreement_id, NEW.status, NEW.active_step, NEW.created_on);
END;

CREATE TRIGGER procurement_trackers_version_delete AFTER DELETE ON procurement_trackers
BEGIN
INSERT INTO procurement_trackers_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, status, active_step, created_on)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.agreement_id, OLD.status, OLD.active_step, OLD.created_on);
END;

CREATE TRIGGER product_service_codes_version_insert AFTER INSERT ON product_service_codes
BEGIN
INSERT INTO product_service_codes_version (history_operation, history_at, history_by, history_transaction, id, name, naics, support_code)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.name, NEW.naics, NEW.support_code);
END;

CREATE TRIGGER product_service_codes_version_update AFTER UPDATE ON product_service_codes
BEGIN
INSERT INTO product_service_codes_version (history_operation, history_at, history_by, history_transaction, id, name, naics, support_code)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.name, NEW.naics, NEW.support_code);
END;

CREATE TRIGGER product_service_codes_version_delete AFTER DELETE ON product_service_codes
BEGIN
INSERT INTO product_service_codes_version (history_operation, history_at, history_by, history_transaction, id, name, naics, support_code)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.name, OLD.naics, OLD.support_code);
END;

CREATE TRIGGER project_history_version_insert AFTER INSERT ON project_history
BEGIN
INSERT INTO project_history_version (history_operation, history_at, history_by, history_transaction, id, project_id, ops_event_id, history_kind, title, message, happened_on)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.project_id, NEW.ops_event_id, NEW.history_kind, NEW.title, NEW.message, NEW.happened_on);
END;

CREATE TRIGGER project_history_version_update AFTER UPDATE ON project_history
BEGIN
INSERT INTO project_history_version (history_operation, history_at, history_by, history_transaction, id, project_id, ops_event_id, history_kind, title, message, happened_on)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.project_id, NEW.ops_event_id, NEW.history_kind, NEW.title, NEW.message, NEW.happened_on);
END;

CREATE TRIGGER project_history_version_delete AFTER DELETE ON project_history
BEGIN
INSERT INTO project_history_version (history_operation, history_at, history_by, history_transaction, id, project_id, ops_event_id, history_kind, title, message, happened_on)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.project_id, OLD.ops_event_id, OLD.history_kind, OLD.title, OLD.message, OLD.happened_on);
END;

CREATE TRIGGER project_team_leaders_version_insert AFTER INSERT ON project_team_leaders
BEGIN
INSERT INTO project_team_leaders_version (history_operation, history_at, history_by, history_transaction, project_id, user_id)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.project_id, NEW.user_id);
END;

CREATE TRIGGER project_team_leaders_version_update AFTER UPDATE ON project_team_leaders
BEGIN
INSERT INTO project_team_leaders_version (history_operation, history_at, history_by, history_transaction, project_id, user_id)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.project_id, NEW.user_id);
END;

CREATE TRIGGER project_team_leaders_version_delete AFTER DELETE ON project_team_leaders
BEGIN
INSERT INTO project_team_leaders_version (history_operation, history_at, history_by, history_transaction, project_id, user_id)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.project_id, OLD.user_id);
END;

CREATE TRIGGER projects_version_insert AFTER INSERT ON projects
BEGIN
INSERT INTO projects_version (history_operation, history_at, history_by, history_transaction, id, title, short_title, description, url, originated_on, methodologies, kind)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.title, NEW.short_title, NEW.description, NEW.url, NEW.originated_on, NEW.methodologies, NEW.kind);
END;

CREATE TRIGGER projects_version_update AFTER UPDATE ON projects
BEGIN
INSERT INTO projects_version (history_operation, history_at, history_by, history_transaction, id, title, short_title, description, url, originated_on, methodologies, kind)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.title, NEW.short_title, NEW.description, NEW.url, NEW.originated_on, NEW.methodologies, NEW.kind);
END;

CREATE TRIGGER projects_version_delete AFTER DELETE ON projects
BEGIN
INSERT INTO projects_version (history_operation, history_at, history_by, history_transaction, id, title, short_title, description, url, originated_on, methodologies, kind)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.title, OLD.short_title, OLD.description, OLD.url, OLD.originated_on, OLD.methodologies, OLD.kind);
END;

CREATE TRIGGER roles_version_insert AFTER INSERT ON roles
BEGIN
INSERT INTO roles_version (history_operation, history_at, history_by, history_transaction, id, name, permissions)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.name, NEW.permissions);
END;

CREATE TRIGGER roles_version_update AFTER UPDATE ON roles
BEGIN
INSERT INTO roles_version (history_operation, history_at, history_by, history_transaction, id, name, permissions)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.name, NEW.permissions);
END;

CREATE TRIGGER roles_version_delete AFTER DELETE ON roles
BEGIN
INSERT INTO roles_version (history_operation, history_at, history_by, history_transaction, id, name, permissions)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.name, OLD.permissions);
END;

CREATE TRIGGER services_components_version_insert AFTER INSERT ON services_components
BEGIN
INSERT INTO services_components_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, number, optional, description, starts_on, ends_on, created_on, sub_component)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.agreement_id, NEW.number, NEW.optional, NEW.description, NEW.starts_on, NEW.ends_on, NEW.created_on, NEW.sub_component);
END;

CREATE TRIGGER services_components_version_update AFTER UPDATE ON services_components
BEGIN
INSERT INTO services_components_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, number, optional, description, starts_on, ends_on, created_on, sub_component)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.agreement_id, NEW.number, NEW.optional, NEW.description, NEW.starts_on, NEW.ends_on, NEW.created_on, NEW.sub_component);
END;

CREATE TRIGGER services_components_version_delete AFTER DELETE ON services_components
BEGIN
INSERT INTO services_components_version (history_operation, history_at, history_by, history_transaction, id, agreement_id, number, optional, description, starts_on, ends_on, created_on, sub_component)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.agreement_id, OLD.number, OLD.optional, OLD.description, OLD.starts_on, OLD.ends_on, OLD.created_on, OLD.sub_component);
END;

CREATE TRIGGER tags_version_insert AFTER INSERT ON tags
BEGIN
INSERT INTO tags_version (history_operation, history_at, history_by, history_transaction, id, name, color)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.name, NEW.color);
END;

CREATE TRIGGER tags_version_update AFTER UPDATE ON tags
BEGIN
INSERT INTO tags_version (history_operation, history_at, history_by, history_transaction, id, name, color)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.name, NEW.color);
END;

CREATE TRIGGER tags_version_delete AFTER DELETE ON tags
BEGIN
INSERT INTO tags_version (history_operation, history_at, history_by, history_transaction, id, name, color)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.name, OLD.color);
END;

CREATE TRIGGER user_roles_version_insert AFTER INSERT ON user_roles
BEGIN
INSERT INTO user_roles_version (history_operation, history_at, history_by, history_transaction, user_id, role_id)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.user_id, NEW.role_id);
END;

CREATE TRIGGER user_roles_version_update AFTER UPDATE ON user_roles
BEGIN
INSERT INTO user_roles_version (history_operation, history_at, history_by, history_transaction, user_id, role_id)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.user_id, NEW.role_id);
END;

CREATE TRIGGER user_roles_version_delete AFTER DELETE ON user_roles
BEGIN
INSERT INTO user_roles_version (history_operation, history_at, history_by, history_transaction, user_id, role_id)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.user_id, OLD.role_id);
END;

CREATE TRIGGER user_sessions_version_insert AFTER INSERT ON user_sessions
BEGIN
INSERT INTO user_sessions_version (history_operation, history_at, history_by, history_transaction, id, user_id, is_active, ip_address, token_digest, scopes, last_active_on, created_on)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.user_id, NEW.is_active, NEW.ip_address, NEW.token_digest, NEW.scopes, NEW.last_active_on, NEW.created_on);
END;

CREATE TRIGGER user_sessions_version_update AFTER UPDATE ON user_sessions
BEGIN
INSERT INTO user_sessions_version (history_operation, history_at, history_by, history_transaction, id, user_id, is_active, ip_address, token_digest, scopes, last_active_on, created_on)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.user_id, NEW.is_active, NEW.ip_address, NEW.token_digest, NEW.scopes, NEW.last_active_on, NEW.created_on);
END;

CREATE TRIGGER user_sessions_version_delete AFTER DELETE ON user_sessions
BEGIN
INSERT INTO user_sessions_version (history_operation, history_at, history_by, history_transaction, id, user_id, is_active, ip_address, token_digest, scopes, last_active_on, created_on)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.user_id, OLD.is_active, OLD.ip_address, OLD.token_digest, OLD.scopes, OLD.last_active_on, OLD.created_on);
END;

CREATE TRIGGER users_version_insert AFTER INSERT ON users
BEGIN
INSERT INTO users_version (history_operation, history_at, history_by, history_transaction, id, email, first_name, last_name, created_on, division_id, updated_on, status, oidc_id)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.email, NEW.first_name, NEW.last_name, NEW.created_on, NEW.division_id, NEW.updated_on, NEW.status, NEW.oidc_id);
END;

CREATE TRIGGER users_version_update AFTER UPDATE ON users
BEGIN
INSERT INTO users_version (history_operation, history_at, history_by, history_transaction, id, email, first_name, last_name, created_on, division_id, updated_on, status, oidc_id)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.email, NEW.first_name, NEW.last_name, NEW.created_on, NEW.division_id, NEW.updated_on, NEW.status, NEW.oidc_id);
END;

CREATE TRIGGER users_version_delete AFTER DELETE ON users
BEGIN
INSERT INTO users_version (history_operation, history_at, history_by, history_transaction, id, email, first_name, last_name, created_on, division_id, updated_on, status, oidc_id)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.email, OLD.first_name, OLD.last_name, OLD.created_on, OLD.division_id, OLD.updated_on, OLD.status, OLD.oidc_id);
END;

CREATE TRIGGER vendor_contacts_version_insert AFTER INSERT ON vendor_contacts
BEGIN
INSERT INTO vendor_contacts_version (history_operation, history_at, history_by, history_transaction, id, vendor_id, full_name, email, phone)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.vendor_id, NEW.full_name, NEW.email, NEW.phone);
END;

CREATE TRIGGER vendor_contacts_version_update AFTER UPDATE ON vendor_contacts
BEGIN
INSERT INTO vendor_contacts_version (history_operation, history_at, history_by, history_transaction, id, vendor_id, full_name, email, phone)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.vendor_id, NEW.full_name, NEW.email, NEW.phone);
END;

CREATE TRIGGER vendor_contacts_version_delete AFTER DELETE ON vendor_contacts
BEGIN
INSERT INTO vendor_contacts_version (history_operation, history_at, history_by, history_transaction, id, vendor_id, full_name, email, phone)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.vendor_id, OLD.full_name, OLD.email, OLD.phone);
END;

CREATE TRIGGER vendors_version_insert AFTER INSERT ON vendors
BEGIN
INSERT INTO vendors_version (history_operation, history_at, history_by, history_transaction, id, name, vendor_type, duns, active)
VALUES ('insert', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.name, NEW.vendor_type, NEW.duns, NEW.active);
END;

CREATE TRIGGER vendors_version_update AFTER UPDATE ON vendors
BEGIN
INSERT INTO vendors_version (history_operation, history_at, history_by, history_transaction, id, name, vendor_type, duns, active)
VALUES ('update', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), NEW.id, NEW.name, NEW.vendor_type, NEW.duns, NEW.active);
END;

CREATE TRIGGER vendors_version_delete AFTER DELETE ON vendors
BEGIN
INSERT INTO vendors_version (history_operation, history_at, history_by, history_transaction, id, name, vendor_type, duns, active)
VALUES ('delete', strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1), coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)), OLD.id, OLD.name, OLD.vendor_type, OLD.duns, OLD.active);
END;
