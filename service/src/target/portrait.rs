//! What a company's page says beyond its record.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::{
    account::{Action, Actor},
    enterprise::{DirectoryFilter, Site},
    lead::{EventKind, SideState, Stage},
    place::haversine_kilometres,
    problem::Problem,
    region::Area,
    target::{
        PEERS, PORTRAIT_LINES, PastContact, PastFile, PastLead, Peer, Portrait, relevance::Question,
    },
};
use entity::{enterprise, lead, lead_event, lead_file};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::zone_place;
use crate::{
    Service, ServiceError, ServiceResult,
    enterprise::sites,
    find::simplified,
    lead::bureau_names,
    local_date, require,
    search::{TextRequest, rank_by_text},
};

/// Candidates that are compared for those who make the like.
const CANDIDATES: usize = 80;
/// Products of a question: the first ones say what a company lives on.
const ASKED_PRODUCTS: usize = 12;
/// Proposals that are shown.
const GUESSES: usize = 5;
/// What of a timeline is a meeting or a talk.
pub(crate) const MEETINGS: [EventKind; 4] = [
    EventKind::Call,
    EventKind::VisitOutbound,
    EventKind::VisitInbound,
    EventKind::VisitOnline,
];

impl Service {
    /// Local buyers and suppliers, those who make the like, and the history with a company.
    ///
    /// # Errors
    /// [`Problem::NotFound`].
    pub async fn portrait(&self, actor: &Actor, enterprise_id: i64) -> ServiceResult<Portrait> {
        require(actor, Action::ReadZone)?;
        let database = self.database.read();
        let company = enterprise::Entity::find_by_id(enterprise_id)
            .filter(enterprise::Column::MergedIntoId.is_null())
            .one(database)
            .await?
            .ok_or(Problem::NotFound)?;
        let products = self
            .products_of(&[company.id])
            .await?
            .remove(&company.id)
            .unwrap_or_default();
        let local = self.local_supply().await?;
        let mut supply = local.links(company.id, &products, &HashSet::new());
        if let Some(links) = &mut supply {
            links.truncate(PORTRAIT_LINES);
        }
        let asked: Vec<_> = products.iter().take(ASKED_PRODUCTS).cloned().collect();
        let own_id = company.id;
        let guesses = tokio::task::spawn_blocking(move || local.guesses(own_id, &asked, GUESSES))
            .await
            .map_err(ServiceError::internal)?;
        let peers = match self.peers(&company, &products).await {
            Ok(peers) => Some(peers),
            Err(ServiceError::Search(detail)) => {
                tracing::warn!(%detail, "search engine");
                None
            }
            Err(error) => return Err(error),
        };
        let place = domain::city::find(
            company.province.as_deref(),
            company.city.as_deref().unwrap_or_default(),
        );
        let area = Area::of(company.province.as_deref(), company.city.as_deref());
        let leads: Vec<lead::Model> = lead::Entity::find()
            .filter(lead::Column::EnterpriseId.eq(company.id))
            .filter(lead::Column::DeletedAt.is_null())
            .order_by_desc(lead::Column::Id)
            .all(database)
            .await?
            .into_iter()
            .filter(|lead| {
                actor.may(Action::ReadLead {
                    bureau_id: lead.bureau_id,
                })
            })
            .collect();
        let contacts = lead_event::Entity::find()
            .filter(lead_event::Column::LeadId.is_in(leads.iter().map(|lead| lead.id)))
            .filter(lead_event::Column::Kind.is_in(MEETINGS.map(EventKind::key)))
            .order_by_desc(lead_event::Column::HappenedAt)
            .order_by_desc(lead_event::Column::Id)
            .limit(PORTRAIT_LINES as u64)
            .all(database)
            .await?
            .into_iter()
            .map(|event| PastContact {
                lead_id: event.lead_id,
                at: event.happened_at,
                kind: event.kind,
                body: event.body,
            })
            .collect();
        let files = lead_file::Entity::find()
            .select_only()
            .column(lead_file::Column::Id)
            .column(lead_file::Column::LeadId)
            .column(lead_file::Column::Name)
            .column(lead_file::Column::Size)
            .column(lead_file::Column::CreatedAt)
            .filter(lead_file::Column::LeadId.is_in(leads.iter().map(|lead| lead.id)))
            .filter(lead_file::Column::DeletedAt.is_null())
            .order_by_desc(lead_file::Column::Id)
            .limit(PORTRAIT_LINES as u64)
            .into_tuple::<(i64, i64, String, i64, DateTime<Utc>)>()
            .all(database)
            .await?
            .into_iter()
            .map(|(file_id, lead_id, name, size, at)| PastFile {
                lead_id,
                file_id,
                name,
                size,
                at,
            })
            .collect();
        let mut areas = vec![area.clone()];
        for other in sites(&company).iter().filter_map(Site::area) {
            if !areas.contains(&other) {
                areas.push(other);
            }
        }
        areas.retain(|area| !area.city.is_empty());
        let bureaus = bureau_names(database).await?;
        let is_lost =
            |lead: &&lead::Model| lead.side_state.as_deref() == Some(SideState::Lost.key());
        let past_leads = leads
            .iter()
            .filter(is_lost)
            .map(|lead| PastLead {
                lead_id: lead.id,
                title: lead.title.clone(),
                stage: Stage::from_number(lead.stage).unwrap_or(Stage::Lead),
                bureau: bureaus.get(&lead.bureau_id).cloned().unwrap_or_default(),
                ended_on: local_date(lead.last_activity_at),
            })
            .collect();
        Ok(Portrait {
            supply,
            guesses,
            peers,
            kilometres: place
                .as_ref()
                .map(|place| haversine_kilometres(&zone_place(), place)),
            trip: self.planned_stops(actor).await?.remove(&area),
            turned_down: self
                .turned_down(actor, &[company.id])
                .await?
                .remove(&company.id),
            contacts,
            past_leads,
            files,
            zone: zone_place(),
            areas,
        })
    }

    /// Who makes the like: its products are the question.
    async fn peers(
        &self,
        company: &enterprise::Model,
        products: &[(String, Option<f64>)],
    ) -> ServiceResult<Vec<Peer>> {
        let asked: Vec<(String, f64)> = products
            .iter()
            .take(ASKED_PRODUCTS)
            .map(|(name, share)| {
                (
                    simplified(name),
                    0.3 + 0.7 * share.unwrap_or_default().clamp(0.0, 1.0),
                )
            })
            .collect();
        let question = Question::of(
            asked.iter().map(|(name, weight)| (name.as_str(), *weight)),
            [],
        );
        if question.is_empty() {
            return Ok(Vec::new());
        }
        let filter = DirectoryFilter::default();
        let ranking = rank_by_text(
            self.search.as_ref(),
            self,
            &TextRequest {
                question: &question,
                rivals: &[],
                filter: &filter,
                certain: &[],
                limit: CANDIDATES,
            },
        )
        .await?;
        let fits: Vec<_> = ranking
            .fits
            .into_iter()
            .filter(|fit| fit.id != company.id)
            .take(PEERS)
            .collect();
        let ids: Vec<i64> = fits.iter().map(|fit| fit.id).collect();
        let mut made = self.products_of(&ids).await?;
        let mut companies: HashMap<i64, enterprise::Model> = enterprise::Entity::find()
            .filter(enterprise::Column::Id.is_in(ids))
            .filter(enterprise::Column::Closed.eq(false))
            .all(self.database.read())
            .await?
            .into_iter()
            .map(|one| (one.id, one))
            .collect();
        let best = fits.first().map_or(1.0, |fit| fit.value);
        Ok(fits
            .into_iter()
            .filter_map(|fit| {
                let one = companies.remove(&fit.id)?;
                let own = made.remove(&fit.id).unwrap_or_default();
                Some(Peer {
                    enterprise_id: one.id,
                    name: one.name,
                    province: one.province,
                    city: one.city,
                    is_local: one.is_local,
                    likeness: fit.value / best.max(f64::MIN_POSITIVE),
                    products: own.into_iter().map(|(name, _)| name).take(3).collect(),
                })
            })
            .collect())
    }
}
