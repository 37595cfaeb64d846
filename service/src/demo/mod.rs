//! The demo zone: four chains, four bureaus, people, a seeded directory, and a dozen leads that went through
//! the same gates as any other. Everything but the listed companies is named 示例 or 演示.

mod directory;

use std::{collections::BTreeMap, sync::Arc};

use chrono::{Datelike, Duration, NaiveDate};
use directory::{ChainSeed, Profile, directory};
use domain::{
    account::{Actor, Role},
    chain::{ChainFile, parse_chain_json},
    enterprise::{
        CreditCodeProblem, EnterpriseRecord, ProductRecord, Site, SiteKind, check_credit_code,
    },
    lead::{
        CommitmentForm, ContactForm, EventKind, FairCompetition, NewEvent, NewLead, Reminder, Side,
        Stage, StageChange, TaskForm,
    },
};
use entity::{bureau, chain, chain_node, enterprise, lead, setting};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    Service, ServiceError, ServiceResult, account::NewAccount, enterprise::Origin, local_date,
};

/// The password of every demo account. The demo zone is for a machine of one's own.
pub const DEMO_PASSWORD: &str = "wutong-demo-2026";
const SEED: u64 = 20_260_301;
const MARK: &str = "demo_zone";

const CHAINS: [&str; 4] = [
    include_str!("../../demo/chains/vanadium-storage.json"),
    include_str!("../../demo/chains/selenium-food.json"),
    include_str!("../../demo/chains/biomedicine.json"),
    include_str!("../../demo/chains/coal-materials.json"),
];

/// A demo account as shown to a newcomer.
#[derive(Clone, Debug, Deserialize)]
pub struct DemoAccount {
    pub login: String,
    pub name: String,
    pub role: Role,
    pub bureau: Option<String>,
}

#[derive(Deserialize)]
struct DemoBureau {
    code: String,
    name: String,
    regions: Vec<String>,
}

#[derive(Deserialize)]
struct ListedCompany {
    stock_code: String,
    name: String,
    short_name: String,
    exchange: String,
    province: String,
    city: String,
    website: Option<String>,
    products: Vec<String>,
}

#[derive(Deserialize)]
struct DemoLead {
    enterprise: LeadCompany,
    chain: String,
    node: String,
    bureau: String,
    owner: String,
    stage: Stage,
    title: String,
    investment_wan: i64,
    land_mu: f64,
    source: String,
    days_ago: i64,
    notes: Vec<DemoNote>,
    evidence: BTreeMap<String, Map<String, Value>>,
    #[serde(default)]
    contacts: Vec<DemoContact>,
    #[serde(default)]
    tasks: Vec<DemoTask>,
    #[serde(default)]
    commitments: Vec<DemoCommitment>,
}

#[derive(Deserialize)]
struct DemoContact {
    name: String,
    position: String,
    phone: String,
}

#[derive(Deserialize)]
struct DemoTask {
    in_days: i64,
    minute: Option<u16>,
    title: String,
}

#[derive(Deserialize)]
struct DemoCommitment {
    side: Side,
    content: String,
    owner: String,
    in_days: i64,
    fair_competition: FairCompetition,
}

#[derive(Deserialize)]
struct LeadCompany {
    name: String,
    province: String,
    city: String,
    products: Vec<String>,
    revenue_wan: i64,
    staff: i64,
}

#[derive(Deserialize)]
struct DemoNote {
    days_ago: i64,
    kind: EventKind,
    text: String,
}

/// What the demo zone holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DemoLoaded {
    pub chains: usize,
    pub enterprises: usize,
    pub leads: usize,
}

fn read<T: for<'de> Deserialize<'de>>(text: &str) -> ServiceResult<T> {
    serde_json::from_str(text).map_err(ServiceError::internal)
}

/// The accounts that [`Service::load_demo`] adds.
///
/// # Errors
/// The shipped file does not parse; a test makes sure that it does.
pub fn demo_accounts() -> ServiceResult<Vec<DemoAccount>> {
    read(include_str!("../../demo/users.json"))
}

impl Service {
    /// True when the demo zone was loaded into this database.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn is_demo(&self) -> ServiceResult<bool> {
        Ok(setting::Entity::find()
            .filter(setting::Column::Key.eq(MARK))
            .one(self.database.read())
            .await?
            .is_some())
    }

    /// Loads the demo zone into an empty database. Done before, it changes nothing. `progress` hears of
    /// each part as it begins.
    ///
    /// # Errors
    /// The database holds a zone of its own already, or does not answer.
    pub async fn load_demo(
        &self,
        progress: &mut (dyn FnMut(&str) + Send),
    ) -> ServiceResult<Option<DemoLoaded>> {
        if self.is_demo().await? {
            return Ok(None);
        }
        if chain::Entity::find().count(self.database.read()).await? > 0
            || bureau::Entity::find().count(self.database.read()).await? > 0
        {
            return Err(ServiceError::Internal(
                "the database holds a zone already; the demo zone needs an empty one".to_owned(),
            ));
        }
        progress("bureaus and people");
        self.load_people().await?;
        let administrator = self.actor_by_login("admin").await?;
        progress("chains");
        let files: Vec<ChainFile> = CHAINS
            .iter()
            .map(|text| {
                parse_chain_json(text)
                    .map_err(|problems| ServiceError::internal(format!("{problems:?}")))
            })
            .collect::<ServiceResult<_>>()?;
        for file in &files {
            self.store_chain(&administrator, file).await?;
        }
        progress("enterprises");
        let leads: Vec<DemoLead> = read(include_str!("../../demo/leads.json"))?;
        let enterprises = self.load_enterprises(&files, &leads).await?;
        progress("leads");
        for lead in &leads {
            self.load_lead(lead).await?;
        }
        let transaction = self.database.begin().await?;
        setting::ActiveModel {
            key: Set(MARK.to_owned()),
            value: Set(json!({ "seed": SEED })),
            updated_at: Set(self.now()),
            ..Default::default()
        }
        .insert(&transaction)
        .await?;
        transaction.commit().await?;
        Ok(Some(DemoLoaded {
            chains: files.len(),
            enterprises,
            leads: leads.len(),
        }))
    }

    async fn load_people(&self) -> ServiceResult<()> {
        let bureaus: Vec<DemoBureau> = read(include_str!("../../demo/bureaus.json"))?;
        let transaction = self.database.begin().await?;
        for (position, one) in (0..).zip(&bureaus) {
            bureau::ActiveModel {
                code: Set(one.code.clone()),
                name: Set(one.name.clone()),
                regions: Set(json!(one.regions)),
                position: Set(position),
                ..Default::default()
            }
            .insert(&transaction)
            .await?;
        }
        transaction.commit().await?;
        for one in demo_accounts()? {
            self.add_account(NewAccount {
                login: one.login,
                name: one.name,
                role: one.role,
                bureau_code: one.bureau,
                password: DEMO_PASSWORD.to_owned(),
            })
            .await?;
        }
        Ok(())
    }

    async fn load_enterprises(
        &self,
        files: &[ChainFile],
        leads: &[DemoLead],
    ) -> ServiceResult<usize> {
        let profile: BTreeMap<String, BTreeMap<String, String>> =
            read(include_str!("../../demo/local_profile.json"))?;
        let profile: Vec<(String, String, Profile)> = profile
            .into_iter()
            .flat_map(|(chain, nodes)| {
                nodes.into_iter().filter_map(move |(node, word)| {
                    Some((chain.clone(), node, Profile::parse(&word)?))
                })
            })
            .collect();
        let seeds: Vec<ChainSeed> = files
            .iter()
            .map(|file| ChainSeed {
                code: file.code.clone(),
                nodes: file
                    .nodes
                    .iter()
                    .map(|node| (node.code.clone(), node.name.clone(), node.aliases.clone()))
                    .collect(),
            })
            .collect();
        let generated = directory(SEED, &seeds, &profile);
        let record = |name: String, short_name: Option<String>, province: String, city: String| {
            EnterpriseRecord {
                name,
                short_name,
                province: Some(province),
                city: Some(city),
                ..EnterpriseRecord::default()
            }
        };
        let mut local = Vec::new();
        let mut elsewhere = Vec::new();
        for one in generated {
            let own = EnterpriseRecord {
                revenue_wan: Some(one.revenue_wan),
                staff: Some(i64::from(one.staff)),
                products: one
                    .products
                    .into_iter()
                    .map(|(name, revenue_share)| ProductRecord {
                        name,
                        revenue_share,
                    })
                    .collect(),
                ..record(one.name, Some(one.short_name), one.province, one.city)
            };
            if one.local {
                &mut local
            } else {
                &mut elsewhere
            }
            .push(own);
        }
        elsewhere.extend(leads.iter().map(|lead| {
            let company = &lead.enterprise;
            EnterpriseRecord {
                revenue_wan: Some(company.revenue_wan),
                staff: Some(company.staff),
                products: products(&company.products),
                ..record(
                    company.name.clone(),
                    None,
                    company.province.clone(),
                    company.city.clone(),
                )
            }
        }));
        let listed: Vec<ListedCompany> = read(include_str!("../../demo/listed.json"))?;
        let listed: Vec<EnterpriseRecord> = listed
            .into_iter()
            .map(|one| EnterpriseRecord {
                stock_code: Some(one.stock_code),
                exchange: Some(one.exchange),
                website: one.website,
                products: products(&one.products),
                ..record(one.name, Some(one.short_name), one.province, one.city)
            })
            .collect();
        let count = local.len() + elsewhere.len() + listed.len();
        let year = local_date(self.now()).year();
        let (mut before, mut elsewhere) = (Vec::new(), elsewhere);
        for (index, record) in elsewhere.iter_mut().enumerate() {
            enrich(record, index, year);
            before.extend(year_before(record, index, year));
        }
        for (records, is_local, is_demo, source) in [
            (local, true, true, "演示名录"),
            (elsewhere, false, true, "演示名录"),
            (before, false, true, "演示年报"),
            (listed, false, false, "上市公司公开信息"),
        ] {
            let origin = Origin {
                source: source.to_owned(),
                is_local,
                is_demo,
            };
            let records: Vec<&EnterpriseRecord> = records.iter().collect();
            let transaction = self.database.begin().await?;
            self.write_records(&transaction, &records, &origin).await?;
            transaction.commit().await?;
        }
        Ok(count)
    }

    /// The same service, some days ago at nine in the morning: a demo lead has a past.
    fn days_ago(&self, days: i64) -> Self {
        let morning = (local_date(self.now()) - Duration::days(days))
            .and_hms_opt(1, 0, 0)
            .map_or_else(|| self.now(), |time| time.and_utc());
        let morning = morning.min(self.now());
        Self {
            clock: Arc::new(move || morning),
            ..self.clone()
        }
    }

    async fn load_lead(&self, demo: &DemoLead) -> ServiceResult<()> {
        let owner = self.actor_by_login(&demo.owner).await?;
        let company = enterprise::Entity::find()
            .filter(enterprise::Column::Name.eq(&demo.enterprise.name))
            .one(self.database.read())
            .await?
            .ok_or_else(|| ServiceError::internal(&demo.enterprise.name))?;
        let chain = chain::Entity::find()
            .filter(chain::Column::Code.eq(&demo.chain))
            .one(self.database.read())
            .await?
            .ok_or_else(|| ServiceError::internal(&demo.chain))?;
        let node = chain_node::Entity::find()
            .filter(chain_node::Column::ChainId.eq(chain.id))
            .filter(chain_node::Column::Code.eq(&demo.node))
            .one(self.database.read())
            .await?
            .ok_or_else(|| ServiceError::internal(&demo.node))?;
        let bureau = bureau::Entity::find()
            .filter(bureau::Column::Code.eq(&demo.bureau))
            .one(self.database.read())
            .await?
            .ok_or_else(|| ServiceError::internal(&demo.bureau))?;
        let lead_id = self
            .days_ago(demo.days_ago)
            .register_lead(
                &owner,
                NewLead {
                    enterprise_id: company.id,
                    chain_node_id: Some(node.id),
                    bureau_id: Some(bureau.id),
                    title: demo.title.clone(),
                    investment_wan: Some(demo.investment_wan),
                    land_mu: Some(demo.land_mu),
                    source: demo.source.clone(),
                },
            )
            .await?;
        // The past is told in its order: notes and stages by their day.
        let mut acts: Vec<(i64, Act<'_>)> = demo
            .notes
            .iter()
            .map(|note| (note.days_ago, Act::Note(note)))
            .collect();
        let mut day = demo.days_ago;
        for stage in Stage::ALL.into_iter().skip(1) {
            if stage > demo.stage {
                break;
            }
            let answers = demo.evidence.get(stage.key()).cloned().unwrap_or_default();
            let said = answers
                .iter()
                .find(|(key, _)| key.ends_with("_days_ago"))
                .and_then(|(_, value)| value.as_i64());
            day = said.unwrap_or(day - 2).clamp(0, day);
            acts.push((day, Act::Stage(stage, answers)));
        }
        acts.sort_by_key(|(days, _)| std::cmp::Reverse(*days));
        let last = acts.last().map_or(demo.days_ago, |(days, _)| *days);
        for (days, act) in acts {
            let then = self.days_ago(days);
            match act {
                Act::Note(note) => {
                    then.add_event(
                        &owner,
                        NewEvent {
                            lead_id,
                            kind: note.kind,
                            body: note.text.clone(),
                        },
                    )
                    .await?;
                }
                Act::Stage(stage, answers) => {
                    then.enter(&owner, lead_id, stage, answers, days).await?;
                }
            }
        }
        // Written when the lead was last touched: what is silent stays silent.
        self.days_ago(last)
            .load_work(&owner, lead_id, demo, self.today())
            .await
    }

    async fn load_work(
        &self,
        owner: &Actor,
        lead_id: i64,
        demo: &DemoLead,
        today: NaiveDate,
    ) -> ServiceResult<()> {
        for contact in &demo.contacts {
            let form = ContactForm {
                lead_id,
                changes: None,
                name: contact.name.clone(),
                position: contact.position.clone(),
                phone: contact.phone.clone(),
                email: String::new(),
            };
            self.write_contact(owner, form).await?;
        }
        for task in &demo.tasks {
            let form = TaskForm {
                lead_id,
                changes: None,
                title: task.title.clone(),
                due_on: today + Duration::days(task.in_days),
                due_minute: task.minute,
                reminder: Reminder::SameDay,
                owner_id: None,
            };
            self.write_task(owner, form).await?;
        }
        for commitment in &demo.commitments {
            let form = CommitmentForm {
                lead_id,
                changes: None,
                side: commitment.side,
                content: commitment.content.clone(),
                owner: commitment.owner.clone(),
                due_on: Some(today + Duration::days(commitment.in_days)),
                fair_competition: commitment.fair_competition,
                state: None,
            };
            self.write_commitment(owner, form).await?;
        }
        Ok(())
    }

    async fn enter(
        &self,
        owner: &Actor,
        lead_id: i64,
        to: Stage,
        answers: Map<String, Value>,
        days_ago: i64,
    ) -> ServiceResult<()> {
        let version = lead::Entity::find_by_id(lead_id)
            .one(self.database.read())
            .await?
            .map_or(0, |lead| lead.version);
        let today = self.today();
        let mut evidence = Map::new();
        for (key, value) in answers {
            match (key.strip_suffix("_days_ago"), value.as_i64()) {
                (Some(bare), Some(days)) => {
                    let date: NaiveDate = today - Duration::days((days - days_ago).max(0));
                    evidence.insert(format!("{bare}_on"), json!(date.to_string()));
                }
                _ => {
                    evidence.insert(key, value);
                }
            }
        }
        if to == Stage::Registered && !evidence.contains_key("credit_code") {
            evidence.insert("credit_code".to_owned(), json!(demo_credit_code(lead_id)));
        }
        self.change_stage(
            owner,
            StageChange {
                lead_id,
                version,
                to,
                evidence,
                reason: String::new(),
            },
        )
        .await?;
        Ok(())
    }
}

enum Act<'a> {
    Note(&'a DemoNote),
    Stage(Stage, Map<String, Value>),
}

fn products(names: &[String]) -> Vec<ProductRecord> {
    names
        .iter()
        .map(|name| ProductRecord {
            name: name.clone(),
            revenue_share: None,
        })
        .collect()
}

/// A code that no company has: the registration authority of the demo zone with a made-up body, and the
/// check character that belongs to it.
fn demo_credit_code(number: i64) -> String {
    let body = format!("91610900DEM{number:06}");
    match check_credit_code(&format!("{body}0")) {
        Err(CreditCodeProblem::Check { expected }) => format!("{body}{expected}"),
        _ => format!("{body}0"),
    }
}

/// What some companies of the demo are beyond their name: titles, and a plant elsewhere.
fn enrich(record: &mut EnterpriseRecord, index: usize, year: i32) {
    for (every, tag) in [
        (5, "专精特新"),
        (7, "瞪羚"),
        (4, "高新技术企业"),
        (31, "经营异常"),
    ] {
        if index.is_multiple_of(every) {
            record.tags.push(tag.to_owned());
        }
    }
    let plants = ["陕西西安", "湖北武汉", "四川成都", "安徽合肥"];
    if let Some(place) = plants.get(index % 23) {
        record.sites.push(Site {
            kind: SiteKind::Plant,
            place: (*place).to_owned(),
        });
    }
    record.as_of = NaiveDate::from_ymd_opt(year - 1, 12, 31);
}

/// The same company a year before, for every third one: what growth is told from.
fn year_before(record: &EnterpriseRecord, index: usize, year: i32) -> Option<EnterpriseRecord> {
    /// Revenue and staff of the year before, in percent of the last one.
    const PERCENT: [i64; 7] = [72, 81, 88, 93, 97, 104, 118];
    let percent = PERCENT
        .get(index / 3 % PERCENT.len())
        .filter(|_| index.is_multiple_of(3))?;
    Some(EnterpriseRecord {
        revenue_wan: record.revenue_wan.map(|wan| wan * percent / 100),
        staff: record.staff.map(|staff| staff * (100 + percent) / 200),
        as_of: NaiveDate::from_ymd_opt(year - 2, 12, 31),
        ..record.clone()
    })
}
