//! The directory and a company's page.

use domain::{
    enterprise::{
        ENTERPRISE_PAGE, EnterpriseDetail, EnterpriseField, EnterpriseForm, EnterprisePage as Page,
        EnterpriseQuery,
    },
    lead::HeldClaim,
    problem::Problem,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::{
    edit::{EditForm, enterprise_form, undo_enterprise_change},
    enterprise, list_enterprises,
    merge::Merges,
    portrait::PortraitPanels,
};
use crate::{
    component::{
        Icon, PageTitle, Pager, StageTag, load, load_by_id, query_value, submit, use_toasts,
    },
    error::AppError,
    format,
    lead::{ClaimConflict, claim_conflict, register_lead},
    words::{field_name, problem_sentence, use_words},
};

/// The directory, searched and filtered by its address.
#[component]
pub fn EnterpriseListPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| EnterpriseQuery {
            text: query.get("q").unwrap_or_default(),
            province: query.get("province").unwrap_or_default(),
            local_only: query.get("local").is_some(),
            page: query
                .get("page")
                .and_then(|page| page.parse().ok())
                .unwrap_or(0),
        })
    });
    load(
        move || asked.get(),
        list_enterprises,
        move |page, _| {
            let asked = asked.get_untracked();
            view! { <List page asked/> }.into_any()
        },
    )
}

fn address(query: &EnterpriseQuery) -> String {
    let mut parts = Vec::new();
    if !query.text.is_empty() {
        parts.push(format!("q={}", query_value(&query.text)));
    }
    if !query.province.is_empty() {
        parts.push(format!("province={}", query_value(&query.province)));
    }
    if query.local_only {
        parts.push("local=1".to_owned());
    }
    if query.page > 0 {
        parts.push(format!("page={}", query.page));
    }
    if parts.is_empty() {
        "/enterprises".to_owned()
    } else {
        format!("/enterprises?{}", parts.join("&"))
    }
}

#[component]
fn List(page: Page, asked: EnterpriseQuery) -> impl IntoView {
    let words = use_words();
    let here = asked.clone();
    let link = Callback::new(move |page: u64| {
        address(&EnterpriseQuery {
            page,
            ..here.clone()
        })
    });
    let toggle_local = address(&EnterpriseQuery {
        local_only: !asked.local_only,
        page: 0,
        ..asked.clone()
    });
    let provinces = page
        .provinces
        .iter()
        .map(|(name, count)| {
            view! {
                <option value=name.clone() selected=*name == asked.province>{format!("{name} {count}")}</option>
            }
        })
        .collect_view();
    let choose = {
        let asked = asked.clone();
        let navigate = use_navigate();
        move |province: String| {
            navigate(
                &address(&EnterpriseQuery {
                    province,
                    page: 0,
                    ..asked.clone()
                }),
                leptos_router::NavigateOptions::default(),
            );
        }
    };
    let filtered = !asked.text.is_empty() || !asked.province.is_empty() || asked.local_only;
    let sub = match &page.engine {
        Some(engine) => words.enterprises_found(
            format::count(page.total),
            words.engine(engine),
            format::count(page.directory_size),
        ),
        None => words.enterprises_all(
            format::count(page.total),
            format::count(page.directory_size),
        ),
    };
    view! {
        <PageTitle text=words.nav_enterprises()/>
        <main class="page enterprise-list" id="main">
            <div class="page-head">
                <h1>{words.nav_enterprises()}</h1>
                <p class="sub">{sub}</p>
            </div>
            {page.importing.map(|running| {
                let (done, total) = (format::count(running.done), format::count(running.total));
                view! {
                    <p class="small" role="status">
                        {if running.is_undo { words.directory_undoing(done, total) } else { words.directory_importing(done, total) }}
                    </p>
                }
            })}
            <div class="toolbar">
                <form action="/enterprises" method="get" role="search" class="row">
                    <label class="search compact">
                        <Icon name="i-search"/>
                        <span class="vh">{words.search_enterprises()}</span>
                        <input type="search" name="q" value=asked.text.clone() placeholder=words.search_enterprises()/>
                    </label>
                </form>
                <a class="chip" href=toggle_local aria-current=asked.local_only.then_some("true")
                    data-pressed=asked.local_only.to_string()>{words.local_only()}</a>
                <label class="row">
                    <span class="vh">{words.province()}</span>
                    <select class="select" on:change=move |event| choose(event_target_value(&event))>
                        <option value="">{words.all_provinces()}</option>
                        {provinces}
                    </select>
                </label>
                {filtered.then(|| view! { <a class="btn quiet small" href="/enterprises">{words.clear_filter()}</a> })}
                {page.may_merge.then(|| view! { <a class="btn quiet small" href="/enterprises/duplicates">{words.duplicates_title()}</a> })}
            </div>
            <section class="panel">
                {if page.rows.is_empty() {
                    view! {
                        <div class="empty">
                            <Icon name="i-firm"/>
                            <b>{words.no_enterprise()}</b>
                            <p>{words.no_enterprise_hint()}</p>
                            <div class="btns-row">
                                {filtered.then(|| view! { <a class="btn" href="/enterprises">{words.clear_filter()}</a> })}
                                <a class="btn" href="/imports">{words.nav_imports_long()}</a>
                            </div>
                        </div>
                    }.into_any()
                } else {
                    view! {
                        <div class="scroll-x" tabindex="0" role="region" aria-label=words.nav_enterprises()>
                            <table class="table">
                                <thead>
                                    <tr>
                                        <th>{words.enterprise()}</th>
                                        <th>{words.stock_code()}</th>
                                        <th>{words.location()}</th>
                                        <th>{words.industry()}</th>
                                        <th>{words.products()}</th>
                                    </tr>
                                </thead>
                                <tbody>
                                    {page.rows.into_iter().map(|row| view! {
                                        <tr>
                                            <td class="two">
                                                <a href=format!("/enterprises/{}", row.id) data-row="record"><b>{row.name}</b></a>
                                                {row.is_local.then(|| view! { " " <span class="badge" data-kind="claim">{words.local()}</span> })}
                                                {row.is_demo.then(|| view! { " " <span class="badge" data-kind="demo">{words.demo()}</span> })}
                                            </td>
                                            <td class="nowrap">{row.stock_code.unwrap_or_else(|| "—".to_owned())}</td>
                                            <td class="nowrap">{format::place(row.province.as_deref(), row.city.as_deref())}</td>
                                            <td class="nowrap">{row.industry.unwrap_or_else(|| "—".to_owned())}</td>
                                            <td>{if row.products.is_empty() { "—".to_owned() } else { row.products.join("、") }}</td>
                                        </tr>
                                    }).collect_view()}
                                </tbody>
                            </table>
                        </div>
                        <Pager page=page.page page_size=ENTERPRISE_PAGE total=page.total link/>
                    }.into_any()
                }}
            </section>
        </main>
    }
}

/// One company: what it makes, where it stands, what we have with it.
#[component]
pub fn EnterprisePage() -> impl IntoView {
    load_by_id(enterprise, |detail: EnterpriseDetail, again| {
        // A company that was merged answers as the one it went into, and its page leads there.
        if detail.is_merged {
            let path = format!("/enterprises/{}", detail.row.id);
            return view! { <leptos_router::components::Redirect path/> }.into_any();
        }
        view! { <Company detail again/> }.into_any()
    })
}

#[component]
fn Company(detail: EnterpriseDetail, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let id = detail.row.id;
    let name = detail.row.name.clone();
    // The best counted place in a chain is what a lead would fill.
    let node_id = detail
        .nodes
        .iter()
        .find(|node| node.counted)
        .map(|node| node.node_id);
    let title = words.project_of(name.clone());
    let pending = RwSignal::new(false);
    let conflict = RwSignal::new(None::<HeldClaim>);
    let register = move |title: String| {
        let navigate = navigate.clone();
        let new = domain::lead::NewLead {
            enterprise_id: id,
            chain_node_id: node_id,
            bureau_id: None,
            title,
            investment_wan: None,
            land_mu: None,
            source: "企业库".to_owned(),
        };
        submit(pending, register_lead(new), move |outcome| match outcome {
            Ok(lead_id) => navigate(
                &format!("/leads/{lead_id}"),
                leptos_router::NavigateOptions::default(),
            ),
            // Who was first, since when and on what record is worth a dialog.
            Err(AppError(Problem::ClaimHeld { held, .. })) => conflict.set(Some(*held)),
            Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
        });
    };
    let ask = move |_| {
        submit(pending, claim_conflict(id), move |outcome| {
            match outcome.and_then(|answer| answer.read()) {
                Ok(Some(held)) => conflict.set(Some(held)),
                Ok(None) => toasts.done(words.no_conflict()),
                Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
            }
        });
    };
    let form = RwSignal::new(None::<EnterpriseForm>);
    let edit = move |_| {
        submit(pending, enterprise_form(id), move |outcome| {
            match outcome.and_then(|answer| answer.read()) {
                Ok(found) => form.set(Some(found)),
                Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
            }
        });
    };
    let changed = Callback::new(move |version: i64| {
        toasts.undoable(words.company_changed(), move || {
            submit(
                pending,
                undo_enterprise_change(id, version),
                move |outcome| {
                    match outcome {
                        Ok(_) => toasts.done(words.act_undone()),
                        Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
                    }
                    again.run(());
                },
            );
        });
        again.run(());
    });
    let can_ask = detail.may_write && detail.held_by.is_some();
    let can_register = detail.may_write
        && !detail.closed
        && !detail.in_pool
        && detail.held_by.is_none()
        && detail.leads.is_empty()
        && !detail.row.is_local;
    let text = |value: Option<String>| value.unwrap_or_else(|| words.not_known().to_owned());
    let panels = detail.profile.clone();
    let sources = detail.profile.sources.clone();
    let fact = move |term: &'static str, field: EnterpriseField, value: String| {
        let origin = sources.iter().find(|origin| origin.fields.contains(&field));
        let origin = origin.map(|origin| {
            let day = origin.as_of.unwrap_or(origin.on).to_string();
            let mut parts: Vec<String> = Vec::new();
            if let Some(by) = &origin.by {
                parts.push(by.clone());
            }
            let source = if origin.source.is_empty() {
                words.by_hand()
            } else {
                &origin.source
            };
            parts.push(source.to_owned());
            parts.push(day);
            parts.join(" · ")
        });
        view! {
            <dt>{term}</dt>
            <dd>{origin.map(|origin| view! { <small>{origin}</small> })}<span>{value}</span></dd>
        }
    };
    view! {
        <PageTitle text=name.clone()/>
        <main class="page enterprise-page" id="main">
            <div class="page-head">
                <h1>{name.clone()}</h1>
                {detail.row.is_local.then(|| view! { <span class="badge" data-kind="claim">{words.local()}</span> })}
                {detail.row.is_demo.then(|| view! { <span class="badge" data-kind="demo">{words.demo()}</span> })}
                {detail.closed.then(|| view! { <span class="badge" data-kind="danger">{words.closed_company()}</span> })}
                {detail.profile.risk.iter().map(|sign| view! { <span class="badge" data-kind="warn"><Icon name="i-warn"/>{words.risk_sign(sign)}</span> }).collect_view()}
                {detail.held_by.clone().map(|(bureau, stage)| view! {
                    <span class="badge" data-kind="claim"><Icon name="i-lock"/>{words.held_badge(bureau, words.stage(stage))}</span>
                })}
                {detail.in_pool.then(|| view! { <a class="badge" data-kind="warn" href=format!("/pool?text={}", query_value(&name))>{words.in_pool()}</a> })}
                <div class="end">
                    {can_ask.then(|| view! {
                        <button type="button" class="btn" disabled=move || pending.get() on:click=ask>{words.claim_situation()}</button>
                    })}
                    {detail.duplicates.filter(|count| *count > 0).map(|count| view! {
                        <a class="btn" href=format!("/enterprises/duplicates?enterprise={id}")>{words.duplicates_of_company(count)}</a>
                    })}
                    {detail.may_change.then(|| view! {
                        <button type="button" class="btn" data-act="edit" disabled=move || pending.get() on:click=edit>{words.edit_chain()}</button>
                    })}
                    {can_register.then(|| view! {
                        <button type="button" class="btn primary" data-act="new-lead" disabled=move || pending.get()
                            on:click=move |_| register(title.clone())>{words.make_lead()}</button>
                    })}
                </div>
            </div>
            <div class="cols fold">
                <section class="panel">
                    <header><h2>{words.facts()}</h2></header>
                    <div class="body">
                        <dl class="facts from">
                            {fact(words.short_name(), EnterpriseField::ShortName, text(detail.row.short_name))}
                            {fact(words.credit_code(), EnterpriseField::CreditCode, text(detail.credit_code))}
                            {fact(words.stock_code(), EnterpriseField::StockCode, text(detail.row.stock_code))}
                            {fact(words.exchange(), EnterpriseField::StockCode, text(detail.exchange))}
                            {fact(words.listed_on(), EnterpriseField::ListedOn, text(detail.listed_on.map(|date| date.to_string())))}
                            {fact(words.location(), EnterpriseField::City, format::place(detail.row.province.as_deref(), detail.row.city.as_deref()))}
                            {fact(words.address(), EnterpriseField::Address, text(detail.address))}
                            {fact(field_name(words, EnterpriseField::Industry), EnterpriseField::Industry, text(detail.row.industry))}
                            {fact(words.sw_industry(), EnterpriseField::SwIndustry, text(detail.profile.sw_industry))}
                            {fact(words.revenue(), EnterpriseField::Revenue, text(detail.revenue_wan.map(|wan| words.yi(format::yi(wan)))))}
                            {fact(words.staff(), EnterpriseField::Staff, text(detail.staff.map(format::count)))}
                            {fact(words.website(), EnterpriseField::Website, text(detail.website))}
                            {fact(words.tags(), EnterpriseField::Tags, text(Some(detail.profile.tags.join("、")).filter(|tags| !tags.is_empty())))}
                            {fact(field_name(words, EnterpriseField::BusinessScope), EnterpriseField::BusinessScope, text(detail.business_scope))}
                            <dt>{words.source()}</dt><dd>{words.source_on(detail.source, format::day(detail.updated_at))}</dd>
                        </dl>
                    </div>
                </section>
                <div class="stack">
                <section class="panel">
                    <header><h2>{words.products()}</h2><span class="sub">{words.entries_count(detail.products.len())}</span></header>
                    {if detail.products.is_empty() {
                        view! { <p class="body muted small">{words.no_products()}</p> }.into_any()
                    } else {
                        view! {
                            <div class="scroll" tabindex="0" role="region" aria-label=words.products()>
                                <table class="table dense">
                                    <thead><tr><th>{words.product_name()}</th><th class="num">{words.revenue_share()}</th></tr></thead>
                                    <tbody>
                                        {detail.products.into_iter().map(|(product, share)| view! {
                                            <tr><td>{product}</td><td class="num">{share.map_or_else(|| "—".to_owned(), |share| format!("{:.1} %", share * 100.0))}</td></tr>
                                        }).collect_view()}
                                    </tbody>
                                </table>
                            </div>
                        }.into_any()
                    }}
                </section>
                    <section class="panel">
                        <header><h2>{words.places_in_chains()}</h2></header>
                        {if detail.nodes.is_empty() {
                            view! { <p class="body muted small">{words.no_places()}</p> }.into_any()
                        } else {
                            view! {
                                <div class="scroll-x" tabindex="0" role="region" aria-label=words.places_in_chains()>
                                    <table class="table dense">
                                        <thead><tr><th>{words.chain()}</th><th>{words.node()}</th><th>{words.basis()}</th><th class="num">{words.confidence()}</th></tr></thead>
                                        <tbody>
                                            {detail.nodes.into_iter().map(|node| view! {
                                                <tr>
                                                    <td class="nowrap">{node.chain_name}</td>
                                                    <td class="nowrap"><a href=format!("/chains/{}?node={}", node.chain_id, node.node_id)>{node.node_name}</a></td>
                                                    <td><crate::component::Marked text=node.product term=node.term/></td>
                                                    <td class="num">{if node.counted { format!("{:.2}", node.confidence) } else { words.to_review().to_owned() }}</td>
                                                </tr>
                                            }).collect_view()}
                                        </tbody>
                                    </table>
                                </div>
                            }.into_any()
                        }}
                    </section>
                    <section class="panel">
                        <header><h2>{words.our_leads()}</h2></header>
                        {if detail.leads.is_empty() {
                            view! { <p class="body muted small">{words.no_lead_here()}</p> }.into_any()
                        } else {
                            view! {
                                <table class="table dense"><tbody>
                                    {detail.leads.into_iter().map(|lead| view! {
                                        <tr>
                                            <td><a href=format!("/leads/{}", lead.lead_id)>{lead.title}</a></td>
                                            <td><StageTag stage=lead.stage/></td>
                                            <td>{lead.bureau}</td>
                                        </tr>
                                    }).collect_view()}
                                </tbody></table>
                            }.into_any()
                        }}
                    </section>
                    {(!detail.merges.is_empty()).then(|| view! { <Merges merges=detail.merges done=again/> })}
                </div>
            </div>
            <PortraitPanels id profile=panels/>
            {move || form.get().map(|found| view! {
                <EditForm form=found close=Callback::new(move |()| form.set(None)) done=changed/>
            })}
            {move || conflict.get().map(|held| view! {
                <ClaimConflict enterprise_id=id held close=Callback::new(move |()| conflict.set(None))/>
            })}
        </main>
    }
}
