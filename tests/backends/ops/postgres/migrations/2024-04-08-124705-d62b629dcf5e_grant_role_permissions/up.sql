INSERT INTO roles (name, permissions) VALUES
    ('viewer', '{agreement:read,can:read,portfolio:read}'),
    ('budget_team', '{agreement:read,budget_line:approve,can:read,can:write}'),
    ('procurement_team', '{agreement:read,tracker:read,tracker:write}')
ON CONFLICT (name) DO UPDATE SET permissions = excluded.permissions;

UPDATE roles SET permissions = array_append(permissions, 'notification:read')
WHERE NOT 'notification:read' = ANY (permissions);
