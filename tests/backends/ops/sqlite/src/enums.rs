//! Columns of text with a fixed set of values, one Rust enum each, and JSON in text.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Text;
use diesel::sqlite::{Sqlite, SqliteValue};

/// Writes the two conversions between an enum and its labels.
macro_rules! labels {
    ($name:ident { $($variant:ident = $label:literal),+ $(,)? }) => {
        impl ToSql<Text, Sqlite> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value(match self {
                    $(Self::$variant => $label),+
                });
                Ok(IsNull::No)
            }
        }

        impl FromSql<Text, Sqlite> for $name {
            fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
                match <String as FromSql<Text, Sqlite>>::from_sql(value)?.as_str() {
                    $($label => Ok(Self::$variant),)+
                    other => Err(format!("{other:?} is no {}", stringify!($name)).into()),
                }
            }
        }
    };
}

/// JSON, kept as text that a check holds valid.
#[derive(Debug, Clone, PartialEq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Json(pub serde_json::Value);

impl ToSql<Text, Sqlite> for Json {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}

impl FromSql<Text, Sqlite> for Json {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        Ok(Self(serde_json::from_str(&text)?))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum UserStatus {
    Active,
    Inactive,
    Locked,
}
labels!(UserStatus {
    Active = "active",
    Inactive = "inactive",
    Locked = "locked",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum PortfolioStatus {
    NotStarted,
    InProcess,
    Sandbox,
}
labels!(PortfolioStatus {
    NotStarted = "not_started",
    InProcess = "in_process",
    Sandbox = "sandbox",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum ProjectKind {
    Research,
    Administrative,
}
labels!(ProjectKind {
    Research = "research",
    Administrative = "administrative",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum CanArrangement {
    Appropriation,
    CostShare,
    Interagency,
    Memorandum,
}
labels!(CanArrangement {
    Appropriation = "appropriation",
    CostShare = "cost_share",
    Interagency = "interagency",
    Memorandum = "memorandum",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum TransferMethod {
    Direct,
    CostShare,
    Interagency,
    Other,
}
labels!(TransferMethod {
    Direct = "direct",
    CostShare = "cost_share",
    Interagency = "interagency",
    Other = "other",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum FundingSource {
    Office,
    Agency,
    Department,
}
labels!(FundingSource {
    Office = "office",
    Agency = "agency",
    Department = "department",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum AgreementKind {
    Contract,
    Grant,
    DirectObligation,
    Interagency,
}
labels!(AgreementKind {
    Contract = "contract",
    Grant = "grant",
    DirectObligation = "direct_obligation",
    Interagency = "interagency",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum AgreementReason {
    NewRequirement,
    Recompete,
    LogicalFollowOn,
}
labels!(AgreementReason {
    NewRequirement = "new_requirement",
    Recompete = "recompete",
    LogicalFollowOn = "logical_follow_on",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum ContractType {
    FirmFixedPrice,
    TimeAndMaterials,
    CostPlus,
    LaborHour,
}
labels!(ContractType {
    FirmFixedPrice = "firm_fixed_price",
    TimeAndMaterials = "time_and_materials",
    CostPlus = "cost_plus",
    LaborHour = "labor_hour",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum InteragencyDirection {
    Incoming,
    Outgoing,
}
labels!(InteragencyDirection {
    Incoming = "incoming",
    Outgoing = "outgoing",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum VendorType {
    ForProfit,
    NonProfit,
    University,
    Government,
}
labels!(VendorType {
    ForProfit = "for_profit",
    NonProfit = "non_profit",
    University = "university",
    Government = "government",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum BudgetLineStatus {
    Draft,
    Planned,
    InExecution,
    Obligated,
}
labels!(BudgetLineStatus {
    Draft = "draft",
    Planned = "planned",
    InExecution = "in_execution",
    Obligated = "obligated",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum TrackerStatus {
    Pending,
    Active,
    Completed,
    Skipped,
}
labels!(TrackerStatus {
    Pending = "pending",
    Active = "active",
    Completed = "completed",
    Skipped = "skipped",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum ProcurementActionType {
    NewAward,
    Modification,
    Order,
    Cancellation,
}
labels!(ProcurementActionType {
    NewAward = "new_award",
    Modification = "modification",
    Order = "order",
    Cancellation = "cancellation",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum ProcurementActionStatus {
    Planned,
    InProcess,
    Awarded,
    Cancelled,
}
labels!(ProcurementActionStatus {
    Planned = "planned",
    InProcess = "in_process",
    Awarded = "awarded",
    Cancelled = "cancelled",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum OpsEventType {
    LoginAttempt,
    Logout,
    CreateAgreement,
    UpdateAgreement,
    DeleteAgreement,
    CreateBudgetLine,
    UpdateBudgetLine,
    CreateTracker,
    UpdateStep,
}
labels!(OpsEventType {
    LoginAttempt = "login_attempt",
    Logout = "logout",
    CreateAgreement = "create_agreement",
    UpdateAgreement = "update_agreement",
    DeleteAgreement = "delete_agreement",
    CreateBudgetLine = "create_budget_line",
    UpdateBudgetLine = "update_budget_line",
    CreateTracker = "create_tracker",
    UpdateStep = "update_step",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum OpsEventStatus {
    Success,
    Failed,
    Unknown,
}
labels!(OpsEventStatus {
    Success = "success",
    Failed = "failed",
    Unknown = "unknown",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum ChangeRequestKind {
    Agreement,
    Budget,
    Status,
}
labels!(ChangeRequestKind {
    Agreement = "agreement",
    Budget = "budget",
    Status = "status",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum ChangeRequestStatus {
    InReview,
    Approved,
    Rejected,
}
labels!(ChangeRequestStatus {
    InReview = "in_review",
    Approved = "approved",
    Rejected = "rejected",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum HistoryKind {
    Created,
    Updated,
    Deleted,
}
labels!(HistoryKind {
    Created = "created",
    Updated = "updated",
    Deleted = "deleted",
});
