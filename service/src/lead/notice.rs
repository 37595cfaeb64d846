//! What the calendar makes of leads: claims about to lapse, and leads that have become late.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use domain::{
    account::{Actor, Role},
    lead::{LeadQuery, Stage},
    notice::{NoticeDetail, NoticeKind, claim_warning},
};
use entity::{claim, enterprise, lead};
use sea_orm::{EntityTrait, JoinType, QueryFilter, QuerySelect, RelationDef, Select};

use super::list::late_condition;
use crate::{Service, ServiceResult, local_date, notice::Notice};

/// A lead is told to be late within so many days of it, so that a server that stood still tells it afterwards, and one
/// that is new does not tell of last year's.
const LATE_WITHIN_DAYS: i64 = 7;

/// Asks for the leads of all bureaus, as the program itself does.
pub(crate) fn everybody() -> Actor {
    Actor {
        account_id: 0,
        login: String::new(),
        name: String::new(),
        role: Role::Administrator,
        bureau_id: None,
        bureau_name: None,
    }
}

pub(super) fn its_company() -> RelationDef {
    lead::Entity::belongs_to(enterprise::Entity)
        .from(lead::Column::EnterpriseId)
        .to(enterprise::Column::Id)
        .into()
}

/// Lead, owner and company of each.
fn named(matching: Select<lead::Entity>) -> Select<lead::Entity> {
    matching
        .join(JoinType::InnerJoin, its_company())
        .select_only()
        .column(lead::Column::Id)
        .column(lead::Column::OwnerId)
        .column(enterprise::Column::Name)
}

impl Service {
    /// Notices of leads that today's date asks for, each with who is told.
    pub(crate) async fn lead_notices(&self) -> ServiceResult<Vec<(i64, Notice)>> {
        let database = self.database.read();
        let rules = self.rules_in_force().await?;
        let today = self.today();
        let asked = LeadQuery {
            lapsing: true,
            ..LeadQuery::default()
        };
        let lapsing: Vec<(i64, i64, String, i64, NaiveDate)> =
            named(self.matching_leads(&everybody(), &asked, &rules)?)
                .column(claim::Column::Id)
                .column(claim::Column::ExpiresOn)
                .into_tuple()
                .all(database)
                .await?;
        let mut notices = Vec::new();
        for (lead_id, owner_id, company, claim_id, expires_on) in lapsing {
            let days = (expires_on - today).num_days();
            let Some(warning) = claim_warning(days) else {
                continue;
            };
            let detail = NoticeDetail {
                subject: company,
                day: Some(expires_on),
                days: Some(days),
                ..NoticeDetail::default()
            };
            notices.push((
                owner_id,
                Notice {
                    kind: NoticeKind::ClaimLapsing,
                    lead_id: Some(lead_id),
                    detail,
                    once: Some(format!("{claim_id}:{lead_id}:{expires_on}:{warning}")),
                },
            ));
        }
        let asked = LeadQuery {
            late: true,
            ..LeadQuery::default()
        };
        let before = late_condition(&rules, today - Duration::days(LATE_WITHIN_DAYS));
        let late: Vec<(i64, i64, String, i32, DateTime<Utc>)> = named(
            self.matching_leads(&everybody(), &asked, &rules)?
                .filter(before.not()),
        )
        .column(lead::Column::Stage)
        .column(lead::Column::StageEnteredAt)
        .into_tuple()
        .all(database)
        .await?;
        for (lead_id, owner_id, company, stage, entered_at) in late {
            let detail = NoticeDetail {
                subject: company,
                to: Stage::from_number(stage)
                    .unwrap_or(Stage::Lead)
                    .key()
                    .to_owned(),
                ..NoticeDetail::default()
            };
            notices.push((
                owner_id,
                Notice {
                    kind: NoticeKind::LeadLate,
                    lead_id: Some(lead_id),
                    detail,
                    once: Some(format!("{lead_id}:{stage}:{}", local_date(entered_at))),
                },
            ));
        }
        Ok(notices)
    }
}
