UPDATE roles SET permissions = (
    SELECT json_group_array(value) FROM json_each(roles.permissions) WHERE value <> 'notification:read'
);
DELETE FROM roles
WHERE name IN ('viewer', 'budget_team', 'procurement_team')
    AND NOT EXISTS (SELECT 1 FROM user_roles WHERE user_roles.role_id = roles.id);
