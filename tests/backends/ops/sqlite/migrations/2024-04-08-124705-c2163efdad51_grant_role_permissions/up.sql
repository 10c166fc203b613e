INSERT INTO roles (name, permissions) VALUES
    ('viewer', '["agreement:read","can:read","portfolio:read"]'),
    ('budget_team', '["agreement:read","budget_line:approve","can:read","can:write"]'),
    ('procurement_team', '["agreement:read","tracker:read","tracker:write"]')
ON CONFLICT (name) DO UPDATE SET permissions = excluded.permissions;

UPDATE roles SET permissions = json_insert(permissions, '$[#]', 'notification:read')
WHERE NOT EXISTS (SELECT 1 FROM json_each(roles.permissions) WHERE value = 'notification:read');
