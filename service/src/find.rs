//! Finding anything from anywhere: each source gives what fits, `domain` says what is best, and nobody is told of what
//! they may not see, not by a count either.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{
    account::{Action, Actor, Role},
    find::{
        Asked, Candidate, Destination, FOUND_IN_GROUP, Fit, Found, FoundGroup, FoundItem,
        FoundKind, RECENT, Spelled, grouped,
    },
    lead::Stage,
    text::fold,
};
use entity::{account, chain, chain_node, enterprise, lead, trip};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, JoinType, Order, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{CaseStatement, Expr, ExprTrait, LikeExpr},
};

use crate::{
    Service, ServiceResult,
    chain::{open_leads, strings},
    enterprise::spelling,
    of_bureau, require,
    search::SearchRequest,
};

/// Hits that the search engine is asked for. More companies than these are asked for in the database.
const COMPANY_HITS: usize = 200;
/// Leads of one source that are compared.
const LEAD_HITS: u64 = 60;
/// Rows that are read of a table that is small by nature: nodes, trips, people.
const ROWS: u64 = 5_000;
/// Leads whose titles are spelled in one statement.
const KEY_STEP: u64 = 400;

/// A destination with its names; the first is the one that is shown.
pub type Named = (Destination, Vec<String>);

/// Traditional characters as their simplified ones: both sides of a comparison go through it.
pub(crate) fn simplified(text: &str) -> String {
    hanconv::t2s(text)
}

/// A pattern for a text as it stands: `%` and `_` in it are characters like any other.
pub(crate) fn holding(text: &str) -> LikeExpr {
    let mut pattern = String::from("%");
    for one in text.chars() {
        if matches!(one, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(one);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape('\\')
}

/// What a lead's title is found by: itself, its pinyin and its first letters, each after a space.
pub(crate) fn find_key(title: &str) -> String {
    let folded = fold(&simplified(title));
    let spelled = spelling(&folded);
    format!(" {folded} {} {}", spelled.pinyin, spelled.initials)
}

fn spelled<'a>(names: impl IntoIterator<Item = &'a str>) -> Spelled {
    let mut all = Spelled::default();
    for name in names {
        let folded = fold(&simplified(name));
        let one = spelling(&folded);
        for (list, part) in [
            (&mut all.pinyin, one.pinyin),
            (&mut all.initials, one.initials),
        ] {
            if !list.is_empty() {
                list.push(' ');
            }
            list.push_str(&part);
        }
        all.written.push(folded);
    }
    all
}

/// A company with what it is found by.
struct Company {
    id: i64,
    name: String,
    note: String,
    spelled: Spelled,
}

/// A lead before its company is known.
struct FoundLead {
    id: i64,
    enterprise_id: i64,
    bureau_id: i64,
    stage: Option<Stage>,
    title: String,
}

impl Service {
    /// What fits a text, of all that a person may see: a few of each kind, the best first. A text without anything to look
    /// for finds nothing; one that is too long is cut.
    ///
    /// # Errors
    /// The database does not answer. Without the search engine companies are found by their names alone.
    pub async fn find(&self, actor: &Actor, text: &str, names: &[Named]) -> ServiceResult<Found> {
        require(actor, Action::ReadZone)?;
        let Some(asked) = Asked::new(text) else {
            return Ok(Found::default());
        };
        let typed = asked.text.clone();
        let asked = Asked {
            text: simplified(&asked.text),
            ..asked
        };
        // A new kind of thing is one more source here.
        let ((leads, companies), (nodes, chains), trips, people) = tokio::try_join!(
            self.leads_and_companies(actor, &asked, &typed),
            self.nodes_and_chains(&asked),
            self.trips_found(actor, &asked),
            self.people_found(actor, &asked),
        )?;
        let (pages, actions) = destinations(actor, names)
            .filter_map(|(item, names)| {
                let fit = asked.fit(&spelled(names.iter().map(String::as_str)))?;
                Some(Candidate {
                    fit,
                    own: false,
                    item,
                })
            })
            .partition(|one| one.item.kind == FoundKind::Page);
        Ok(grouped(vec![
            (FoundKind::Lead, leads),
            (FoundKind::Enterprise, companies),
            (FoundKind::Node, nodes),
            (FoundKind::Chain, chains),
            (FoundKind::Trip, trips),
            (FoundKind::Person, people),
            (FoundKind::Page, pages),
            (FoundKind::Action, actions),
        ]))
    }

    /// What is shown before anything is typed: what was opened last, by kind and id and in that order, as far as the
    /// person may still see it; and what they may begin.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn opened_last(
        &self,
        actor: &Actor,
        opened: &[(FoundKind, i64)],
        names: &[Named],
    ) -> ServiceResult<Found> {
        require(actor, Action::ReadZone)?;
        let opened = opened.get(..RECENT).unwrap_or(opened);
        let ids = |asked: FoundKind| -> Vec<i64> {
            opened
                .iter()
                .filter(|(kind, _)| *kind == asked)
                .map(|(_, id)| *id)
                .collect()
        };
        let database = self.database.read();
        let leads = lead::Entity::find()
            .filter(lead::Column::Id.is_in(ids(FoundKind::Lead)))
            .filter(lead::Column::DeletedAt.is_null())
            .filter(leads_of(actor)?);
        let (leads, companies, trips, chains) = tokio::try_join!(
            self.read_leads(leads),
            self.read_companies(ids(FoundKind::Enterprise)),
            self.read_trips(actor, Some(ids(FoundKind::Trip))),
            async {
                ServiceResult::Ok(
                    chain::Entity::find()
                        .filter(chain::Column::Id.is_in(ids(FoundKind::Chain)))
                        .all(database)
                        .await?,
                )
            },
        )?;
        let names_of_leads: HashMap<i64, Company> = self
            .read_companies(leads.iter().map(|lead| lead.enterprise_id).collect())
            .await?
            .into_iter()
            .map(|company| (company.id, company))
            .collect();
        let mut known: HashMap<(FoundKind, i64), FoundItem> = leads
            .iter()
            .filter_map(|lead| Some(lead_item(lead, names_of_leads.get(&lead.enterprise_id)?)))
            .chain(companies.iter().map(company_item))
            .chain(trips.iter().map(|(_, item)| item.clone()))
            .chain(chains.iter().map(|chain| chain_item(chain.id, &chain.name)))
            .map(|item| ((item.kind, item.id), item))
            .collect();
        let recent: Vec<FoundItem> = opened.iter().filter_map(|one| known.remove(one)).collect();
        let actions: Vec<FoundItem> = destinations(actor, names)
            .map(|(item, _)| item)
            .filter(|item| item.kind == FoundKind::Action)
            .take(FOUND_IN_GROUP)
            .collect();
        Ok(Found {
            groups: [(FoundKind::Recent, recent), (FoundKind::Action, actions)]
                .into_iter()
                .filter(|(_, items)| !items.is_empty())
                .map(|(kind, items)| FoundGroup { kind, items })
                .collect(),
        })
    }

    /// Spells the titles of leads that have not been, a few hundred at a time, and returns how many there were.
    ///
    /// # Errors
    /// The database does not answer; the next round goes on where this one stopped.
    pub async fn spell_leads(&self) -> ServiceResult<u64> {
        // The index of those left (migration 000015) serves only who asks for them in its own words. What was spelled a
        // moment ago still stands in it on PostgreSQL, so it is read behind the last one.
        let to_do = |last: i64| {
            lead::Entity::find()
                .select_only()
                .column(lead::Column::Id)
                .column(lead::Column::Title)
                .filter(Expr::cust("find_key = ''"))
                .filter(lead::Column::Id.gt(last))
                .order_by_asc(lead::Column::Id)
                .limit(KEY_STEP)
                .into_tuple::<(i64, String)>()
        };
        let mut spelled = 0;
        let mut last = 0;
        // Nobody who writes is kept waiting by a look.
        while to_do(last).one(self.database.read()).await?.is_some() {
            let transaction = self.database.begin().await?;
            let titles = to_do(last).all(&transaction).await?;
            let Some((id, _)) = titles.last() else {
                break;
            };
            last = *id;
            let ids: Vec<i64> = titles.iter().map(|(id, _)| *id).collect();
            let keys = titles
                .iter()
                .fold(CaseStatement::new(), |keys, (id, title)| {
                    keys.case(lead::Column::Id.eq(*id), find_key(title))
                });
            lead::Entity::update_many()
                .col_expr(lead::Column::FindKey, keys.into())
                .filter(lead::Column::Id.is_in(ids))
                .exec(&transaction)
                .await?;
            transaction.commit().await?;
            spelled += titles.len() as u64;
        }
        Ok(spelled)
    }

    async fn leads_and_companies(
        &self,
        actor: &Actor,
        asked: &Asked,
        typed: &str,
    ) -> ServiceResult<(Vec<Candidate>, Vec<Candidate>)> {
        let (mut leads, (companies, is_all)) = tokio::try_join!(
            self.leads_by_title(actor, asked),
            self.companies_found(asked, typed)
        )?;
        let fits = |company: &Company| asked.fit(&company.spelled);
        let of_companies = if is_all {
            let named = companies
                .iter()
                .filter(|company| fits(company).is_some())
                .map(|company| company.id);
            open_leads().filter(lead::Column::EnterpriseId.is_in(named))
        } else {
            open_leads()
                .join(
                    JoinType::InnerJoin,
                    lead::Entity::belongs_to(enterprise::Entity)
                        .from(lead::Column::EnterpriseId)
                        .to(enterprise::Column::Id)
                        .into(),
                )
                .filter(name_holds(asked))
        };
        leads.extend(
            self.read_leads(of_companies.filter(leads_of(actor)?).limit(LEAD_HITS))
                .await?,
        );
        let mut seen = HashSet::new();
        leads.retain(|lead| seen.insert(lead.id));
        let of_hits = companies
            .iter()
            .map(|company| Candidate {
                fit: fits(company).unwrap_or(Fit::ELSEWHERE),
                own: false,
                item: company_item(company),
            })
            .collect();
        let mut by_id: HashMap<i64, Company> = companies
            .into_iter()
            .map(|company| (company.id, company))
            .collect();
        let missing: HashSet<i64> = leads
            .iter()
            .map(|lead| lead.enterprise_id)
            .filter(|id| !by_id.contains_key(id))
            .collect();
        let more = self.read_companies(missing.into_iter().collect()).await?;
        by_id.extend(more.into_iter().map(|company| (company.id, company)));
        let leads = leads
            .iter()
            .filter_map(|lead| {
                let company = by_id.get(&lead.enterprise_id)?;
                let by_title = asked.fit(&spelled([lead.title.as_str()]));
                let fit = [fits(company), by_title].into_iter().flatten().min()?;
                Some(Candidate {
                    fit,
                    own: Some(lead.bureau_id) == actor.bureau_id,
                    item: lead_item(lead, company),
                })
            })
            .collect();
        Ok((leads, of_hits))
    }

    async fn leads_by_title(&self, actor: &Actor, asked: &Asked) -> ServiceResult<Vec<FoundLead>> {
        // Names that begin with the text must not be lost among many that hold it.
        let begins: Expr = Expr::case(
            Expr::col(lead::Column::FindKey).like(beginning(&asked.text)),
            0,
        )
        .finally(1)
        .into();
        // The ids alone: the index holds all that this asks for, and the table is not read.
        let ids: Vec<i64> = open_leads()
            .select_only()
            .column(lead::Column::Id)
            .filter(leads_of(actor)?)
            .filter(title_holds(asked))
            .order_by(begins, Order::Asc)
            .order_by(lead::Column::Id, Order::Desc)
            .limit(LEAD_HITS)
            .into_tuple()
            .all(self.database.read())
            .await?;
        let found = lead::Entity::find()
            .filter(lead::Column::Id.is_in(ids))
            .order_by_desc(lead::Column::Id);
        self.read_leads(found).await
    }

    /// Companies that the engine finds, and whether these are all. Without the engine: by their names, from the database.
    async fn companies_found(
        &self,
        asked: &Asked,
        typed: &str,
    ) -> ServiceResult<(Vec<Company>, bool)> {
        let mut any_of = vec![typed.to_owned()];
        for other in std::iter::once(&asked.text).chain(&asked.latin) {
            if !any_of.contains(other) {
                any_of.push(other.clone());
            }
        }
        let request = SearchRequest {
            any_of,
            in_names: true,
            limit: COMPANY_HITS,
            hits_only: true,
            ..SearchRequest::default()
        };
        let hits = match self.search.search(request).await {
            Ok(page) => {
                let is_all = page.total <= page.hits.len() as u64;
                Some((page.hits.iter().map(|hit| hit.id).collect(), is_all))
            }
            Err(error) => {
                tracing::warn!(%error, "search engine");
                None
            }
        };
        let (ids, is_all): (Vec<i64>, bool) = match hits {
            Some(hits) => hits,
            None => {
                let ids = enterprise::Entity::find()
                    .select_only()
                    .column(enterprise::Column::Id)
                    .filter(enterprise::Column::Closed.eq(false))
                    .filter(name_holds(asked))
                    .order_by_asc(enterprise::Column::Id)
                    .limit(COMPANY_HITS as u64)
                    .into_tuple()
                    .all(self.database.read())
                    .await?;
                (ids, false)
            }
        };
        // In the engine's order: among equals it knows best.
        let place: HashMap<i64, usize> = ids.iter().copied().zip(0..).collect();
        let mut companies = self.read_companies(ids).await?;
        companies.sort_by_key(|company| place.get(&company.id).copied());
        Ok((companies, is_all))
    }

    async fn read_companies(&self, ids: Vec<i64>) -> ServiceResult<Vec<Company>> {
        type Row = (
            i64,
            String,
            Option<String>,
            Option<String>,
            Option<String>,
            Option<String>,
            String,
            String,
        );
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<Row> = enterprise::Entity::find()
            .select_only()
            .columns([
                enterprise::Column::Id,
                enterprise::Column::Name,
                enterprise::Column::ShortName,
                enterprise::Column::StockCode,
                enterprise::Column::Province,
                enterprise::Column::City,
                enterprise::Column::Pinyin,
                enterprise::Column::Initials,
            ])
            .filter(enterprise::Column::Id.is_in(ids))
            .into_tuple()
            .all(self.database.read())
            .await?;
        Ok(rows
            .into_iter()
            .map(
                |(id, name, short_name, stock_code, province, city, pinyin, initials)| {
                    let names = std::iter::once(&name).chain(&short_name).chain(&stock_code);
                    let written = names.map(|name| fold(&simplified(name))).collect();
                    Company {
                        id,
                        note: city.or(province).unwrap_or_default(),
                        spelled: Spelled {
                            written,
                            pinyin,
                            initials,
                        },
                        name,
                    }
                },
            )
            .collect())
    }

    async fn read_leads(
        &self,
        matching: sea_orm::Select<lead::Entity>,
    ) -> ServiceResult<Vec<FoundLead>> {
        let rows: Vec<(i64, i64, i64, i32, String)> = matching
            .select_only()
            .columns([
                lead::Column::Id,
                lead::Column::EnterpriseId,
                lead::Column::BureauId,
                lead::Column::Stage,
                lead::Column::Title,
            ])
            .into_tuple()
            .all(self.database.read())
            .await?;
        Ok(rows
            .into_iter()
            .map(|(id, enterprise_id, bureau_id, stage, title)| FoundLead {
                id,
                enterprise_id,
                bureau_id,
                stage: Stage::from_number(stage),
                title,
            })
            .collect())
    }

    async fn nodes_and_chains(
        &self,
        asked: &Asked,
    ) -> ServiceResult<(Vec<Candidate>, Vec<Candidate>)> {
        let database = self.database.read();
        let chains: BTreeMap<i64, String> = chain::Entity::find()
            .select_only()
            .column(chain::Column::Id)
            .column(chain::Column::Name)
            .into_tuple::<(i64, String)>()
            .all(database)
            .await?
            .into_iter()
            .collect();
        let nodes: Vec<(i64, i64, String, serde_json::Value)> = chain_node::Entity::find()
            .select_only()
            .columns([
                chain_node::Column::Id,
                chain_node::Column::ChainId,
                chain_node::Column::Name,
                chain_node::Column::Aliases,
            ])
            .order_by_asc(chain_node::Column::Id)
            .limit(ROWS)
            .into_tuple()
            .all(database)
            .await?;
        let nodes = nodes
            .into_iter()
            .filter_map(|(id, chain_id, name, aliases)| {
                let aliases = strings(&aliases);
                let names = std::iter::once(&name).chain(&aliases).map(String::as_str);
                let fit = asked.fit(&spelled(names))?;
                Some(Candidate {
                    fit,
                    own: false,
                    item: FoundItem {
                        kind: FoundKind::Node,
                        id,
                        note: chains.get(&chain_id).cloned().unwrap_or_default(),
                        stage: None,
                        href: format!("/chains/{chain_id}?node={id}"),
                        name,
                    },
                })
            })
            .collect();
        let chains = chains
            .iter()
            .filter_map(|(id, name)| {
                Some(Candidate {
                    fit: asked.fit(&spelled([name.as_str()]))?,
                    own: false,
                    item: chain_item(*id, name),
                })
            })
            .collect();
        Ok((nodes, chains))
    }

    async fn trips_found(&self, actor: &Actor, asked: &Asked) -> ServiceResult<Vec<Candidate>> {
        Ok(self
            .read_trips(actor, None)
            .await?
            .into_iter()
            .filter_map(|(bureau_id, item)| {
                Some(Candidate {
                    fit: asked.fit(&spelled([item.name.as_str()]))?,
                    own: Some(bureau_id) == actor.bureau_id,
                    item,
                })
            })
            .collect())
    }

    /// Trips with their bureaus, the latest first.
    async fn read_trips(
        &self,
        actor: &Actor,
        ids: Option<Vec<i64>>,
    ) -> ServiceResult<Vec<(i64, FoundItem)>> {
        let mut readable = trip::Entity::find()
            .filter(trip::Column::DeletedAt.is_null())
            .filter(of_bureau(
                actor,
                None,
                trip::Column::BureauId,
                |bureau_id| Action::ReadTrip { bureau_id },
            )?);
        if let Some(ids) = ids {
            readable = readable.filter(trip::Column::Id.is_in(ids));
        }
        let rows: Vec<(i64, i64, String, chrono::NaiveDate)> = readable
            .select_only()
            .columns([
                trip::Column::Id,
                trip::Column::BureauId,
                trip::Column::Name,
                trip::Column::StartOn,
            ])
            .order_by_desc(trip::Column::Id)
            .limit(ROWS)
            .into_tuple()
            .all(self.database.read())
            .await?;
        Ok(rows
            .into_iter()
            .map(|(id, bureau_id, name, start_on)| {
                let item = FoundItem {
                    kind: FoundKind::Trip,
                    id,
                    name,
                    note: start_on.to_string(),
                    stage: None,
                    href: format!("/trips/{id}"),
                };
                (bureau_id, item)
            })
            .collect())
    }

    /// People whose leads the person may read.
    async fn people_found(&self, actor: &Actor, asked: &Asked) -> ServiceResult<Vec<Candidate>> {
        let owning = Role::ALL
            .into_iter()
            .filter(|role| role.owns_leads())
            .map(Role::key);
        let people: Vec<(i64, String, Option<i64>)> = account::Entity::find()
            .select_only()
            .columns([
                account::Column::Id,
                account::Column::Name,
                account::Column::BureauId,
            ])
            .filter(account::Column::Disabled.eq(false))
            .filter(account::Column::Role.is_in(owning))
            .filter(of_bureau(
                actor,
                None,
                account::Column::BureauId,
                |bureau_id| Action::ReadLead { bureau_id },
            )?)
            .order_by_asc(account::Column::Id)
            .limit(ROWS)
            .into_tuple()
            .all(self.database.read())
            .await?;
        let bureaus: HashMap<i64, String> = self
            .bureaus()
            .await?
            .into_iter()
            .map(|bureau| (bureau.id, bureau.name))
            .collect();
        Ok(people
            .into_iter()
            .filter_map(|(id, name, bureau_id)| {
                Some(Candidate {
                    fit: asked.fit(&spelled([name.as_str()]))?,
                    own: bureau_id == actor.bureau_id,
                    item: FoundItem {
                        kind: FoundKind::Person,
                        id,
                        note: bureau_id
                            .and_then(|id| bureaus.get(&id).cloned())
                            .unwrap_or_default(),
                        stage: None,
                        href: format!("/leads/list?owner_id={id}"),
                        name,
                    },
                })
            })
            .collect())
    }
}

fn leads_of(actor: &Actor) -> ServiceResult<Condition> {
    Ok(of_bureau(
        actor,
        None,
        lead::Column::BureauId,
        |bureau_id| Action::ReadLead { bureau_id },
    )?)
}

/// Text and letters as they may stand in a key: both, when the text has letters with something between them.
fn forms(asked: &Asked) -> impl Iterator<Item = &String> {
    std::iter::once(&asked.text).chain(
        asked
            .latin
            .iter()
            .filter(move |latin| **latin != asked.text),
    )
}

fn title_holds(asked: &Asked) -> Condition {
    forms(asked).fold(Condition::any(), |any, form| {
        any.add(Expr::col((lead::Entity, lead::Column::FindKey)).like(holding(form)))
    })
}

fn name_holds(asked: &Asked) -> Condition {
    let mut any = Condition::any();
    for form in forms(asked) {
        for column in [
            enterprise::Column::Name,
            enterprise::Column::Pinyin,
            enterprise::Column::Initials,
        ] {
            any = any.add(Expr::col((enterprise::Entity, column)).like(holding(form)));
        }
    }
    any
}

/// A part of a key that begins with the text.
fn beginning(text: &str) -> LikeExpr {
    holding(&format!(" {text}"))
}

fn destinations<'a>(
    actor: &'a Actor,
    names: &'a [Named],
) -> impl Iterator<Item = (FoundItem, &'a Vec<String>)> {
    names.iter().filter_map(|(destination, names)| {
        let action = destination.action(actor.bureau_id)?;
        require(actor, action).ok()?;
        let item = FoundItem {
            kind: destination.kind(),
            id: 0,
            name: names.first()?.clone(),
            note: String::new(),
            stage: None,
            href: destination.href().to_owned(),
        };
        Some((item, names))
    })
}

fn company_item(company: &Company) -> FoundItem {
    FoundItem {
        kind: FoundKind::Enterprise,
        id: company.id,
        name: company.name.clone(),
        note: company.note.clone(),
        stage: None,
        href: format!("/enterprises/{}", company.id),
    }
}

fn lead_item(lead: &FoundLead, company: &Company) -> FoundItem {
    FoundItem {
        kind: FoundKind::Lead,
        id: lead.id,
        name: company.name.clone(),
        note: lead.title.clone(),
        stage: lead.stage,
        href: format!("/leads/{}", lead.id),
    }
}

fn chain_item(id: i64, name: &str) -> FoundItem {
    FoundItem {
        kind: FoundKind::Chain,
        id,
        name: name.to_owned(),
        note: String::new(),
        stage: None,
        href: format!("/chains/{id}"),
    }
}
