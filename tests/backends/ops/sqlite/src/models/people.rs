//! Users, what they may do, and what they are told.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use ops_migrate_derive::OpsModel;

use crate::enums::{Json, UserStatus};
use crate::schema::{notifications, roles, user_roles, user_sessions, users};

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, OpsModel)]
#[diesel(table_name = users, check_for_backend(diesel::sqlite::Sqlite))]
#[ops(
    shared(Recorded),
    column(oidc_id, index(name = "users_oidc_id_key", unique)),
    index("lower(email)", name = "users_email_lower_idx", unique),
    check("status IN ('active', 'inactive', 'locked')")
)]
pub struct User {
    pub id: i32,
    pub email: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    #[ops(references(divisions.id))]
    pub division_id: Option<i32>,
    #[ops(default = "'active'")]
    pub status: UserStatus,
    pub created_on: NaiveDateTime,
    pub updated_on: Option<NaiveDateTime>,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = users)]
pub struct NewUser<'a> {
    pub email: &'a str,
    pub first_name: Option<&'a str>,
    pub last_name: Option<&'a str>,
    pub division_id: Option<i32>,
}

/// `None` leaves a column as it is, `Some(None)` empties it.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = users)]
pub struct UserChanges<'a> {
    pub first_name: Option<Option<&'a str>>,
    pub last_name: Option<Option<&'a str>>,
    pub division_id: Option<Option<i32>>,
    pub status: Option<UserStatus>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, OpsModel)]
#[diesel(table_name = roles, check_for_backend(diesel::sqlite::Sqlite))]
pub struct Role {
    pub id: i32,
    #[ops(unique)]
    pub name: String,
    #[ops(default = "'[]'")]
    pub permissions: Json,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Insertable, Associations, OpsModel)]
#[diesel(table_name = user_roles, primary_key(user_id, role_id), check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(User), belongs_to(Role))]
pub struct UserRole {
    #[ops(references(users.id, on_delete = cascade))]
    pub user_id: i32,
    #[ops(references(roles.id, on_delete = cascade))]
    pub role_id: i32,
}

/// Without its key and address: those stay in the database.
#[derive(Debug, Clone, Queryable, Selectable, Associations, OpsModel)]
#[diesel(table_name = user_sessions, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(User))]
#[ops(
    shared(Recorded),
    column(id),
    column(ip_address),
    index(user_id, created_on desc, name = "user_sessions_user_id_idx"),
    sqlite(without_rowid),
)]
pub struct UserSession {
    #[ops(references(users.id, on_delete = cascade))]
    pub user_id: i32,
    #[ops(default = "TRUE")]
    pub is_active: bool,
    #[ops(index(name = "user_sessions_active_digest_key", unique, where = "is_active"))]
    pub token_digest: Vec<u8>,
    #[ops(default = r#"'["read"]'"#)]
    pub scopes: Json,
    pub last_active_on: Option<NaiveDateTime>,
    pub created_on: NaiveDateTime,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = notifications, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(User, foreign_key = recipient_id))]
#[ops(shared(Recorded))]
pub struct Notification {
    pub id: i32,
    #[ops(index(name = "notifications_unread_idx", where = "NOT is_read"), references(users.id, on_delete = cascade))]
    pub recipient_id: i32,
    pub title: String,
    #[ops(default = "''")]
    pub message: String,
    #[ops(default = "FALSE")]
    pub is_read: bool,
    pub expires_on: Option<NaiveDate>,
    pub created_on: NaiveDateTime,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = notifications)]
pub struct NewNotification<'a> {
    pub recipient_id: i32,
    pub title: &'a str,
    pub message: &'a str,
    pub expires_on: Option<NaiveDate>,
}
