//! Users, what they may do, and what they are told.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::enums::UserStatus;
use crate::schema::{notifications, roles, user_roles, user_sessions, users};

#[derive(Debug, Clone, Queryable, Selectable, Identifiable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
pub struct User {
    pub id: i32,
    pub email: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub division_id: Option<i32>,
    pub status: UserStatus,
    pub created_on: NaiveDateTime,
    pub updated_on: NaiveDateTime,
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

#[derive(Debug, Clone, Queryable, Selectable, Identifiable)]
#[diesel(table_name = roles, check_for_backend(diesel::pg::Pg))]
pub struct Role {
    pub id: i32,
    pub name: String,
    pub permissions: Vec<Option<String>>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Insertable, Associations)]
#[diesel(table_name = user_roles, primary_key(user_id, role_id), check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(User), belongs_to(Role))]
pub struct UserRole {
    pub user_id: i32,
    pub role_id: i32,
}

/// Without its key and address: those stay in the database.
#[derive(Debug, Clone, Queryable, Selectable, Associations)]
#[diesel(table_name = user_sessions, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(User))]
pub struct UserSession {
    pub user_id: i32,
    pub is_active: bool,
    pub token_digest: Vec<u8>,
    pub scopes: Vec<Option<String>>,
    pub last_active_on: Option<DateTime<Utc>>,
    pub created_on: DateTime<Utc>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = notifications, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(User, foreign_key = recipient_id))]
pub struct Notification {
    pub id: i32,
    pub recipient_id: i32,
    pub title: String,
    pub message: String,
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
