//! The enums of the database, one Rust enum each, written and read by their labels.

use std::io::Write as _;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};

use crate::schema::sql_types;

/// Writes the two conversions between an enum and its labels.
macro_rules! labels {
    ($name:ident { $($variant:ident = $label:literal),+ $(,)? }) => {
        impl ToSql<sql_types::$name, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                let label = match self {
                    $(Self::$variant => $label),+
                };
                out.write_all(label.as_bytes())?;
                Ok(IsNull::No)
            }
        }

        impl FromSql<sql_types::$name, Pg> for $name {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                match std::str::from_utf8(value.as_bytes())? {
                    $($label => Ok(Self::$variant),)+
                    other => Err(format!("{other:?} is no {}", stringify!($name)).into()),
                }
            }
        }
    };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::UserStatus)]
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
#[diesel(sql_type = sql_types::PortfolioStatus)]
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
#[diesel(sql_type = sql_types::ProjectKind)]
pub enum ProjectKind {
    Research,
    Administrative,
}
labels!(ProjectKind {
    Research = "research",
    Administrative = "administrative",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::CanArrangement)]
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
#[diesel(sql_type = sql_types::TransferMethod)]
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
#[diesel(sql_type = sql_types::FundingSource)]
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
#[diesel(sql_type = sql_types::AgreementKind)]
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
#[diesel(sql_type = sql_types::AgreementReason)]
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
#[diesel(sql_type = sql_types::ContractType)]
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
#[diesel(sql_type = sql_types::InteragencyDirection)]
pub enum InteragencyDirection {
    Incoming,
    Outgoing,
}
labels!(InteragencyDirection {
    Incoming = "incoming",
    Outgoing = "outgoing",
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::VendorType)]
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
#[diesel(sql_type = sql_types::BudgetLineStatus)]
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
#[diesel(sql_type = sql_types::TrackerStatus)]
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
#[diesel(sql_type = sql_types::ProcurementActionType)]
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
#[diesel(sql_type = sql_types::ProcurementActionStatus)]
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
#[diesel(sql_type = sql_types::OpsEventType)]
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
#[diesel(sql_type = sql_types::OpsEventStatus)]
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
#[diesel(sql_type = sql_types::ChangeRequestKind)]
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
#[diesel(sql_type = sql_types::ChangeRequestStatus)]
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
#[diesel(sql_type = sql_types::HistoryKind)]
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
