UPDATE roles SET permissions = array_remove(permissions, 'notification:read');
DELETE FROM roles
WHERE name IN ('viewer', 'budget_team', 'procurement_team')
    AND NOT EXISTS (SELECT 1 FROM user_roles WHERE user_roles.role_id = roles.id);
