CREATE INDEX budget_line_items_agreement_id_idx ON budget_line_items (agreement_id);
CREATE INDEX budget_line_items_can_id_status_idx ON budget_line_items (can_id, status);
CREATE INDEX agreements_project_id_idx ON agreements (project_id);
CREATE INDEX agreements_project_officer_id_idx ON agreements (project_officer_id) WHERE project_officer_id IS NOT NULL;
CREATE INDEX agreements_name_lower_idx ON agreements (lower(name));
CREATE INDEX cans_portfolio_id_idx ON cans (portfolio_id);
CREATE INDEX documents_agreement_id_idx ON documents (agreement_id);
CREATE INDEX change_requests_agreement_id_idx ON change_requests (agreement_id, created_on DESC);
CREATE INDEX can_funding_budgets_year_idx ON can_funding_budgets (fiscal_year, budget);
