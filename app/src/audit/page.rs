//! The audit: who changed what, when, from what to what.

use domain::audit::{AUDIT_ENTITIES, AuditPage as Rows, AuditQuery, AuditRow};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{audit_page, value::in_words};
use crate::{
    component::{Icon, PageTitle, load, query_value},
    format,
    words::use_words,
};

/// The audit, as its address filters it.
#[component]
pub fn AuditPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| AuditQuery {
            account_id: query.get("account_id").and_then(|text| text.parse().ok()),
            entity: query.get("entity").unwrap_or_default(),
            // The lead's page says `id`, as the address of a record does.
            entity_id: query
                .get("entity_id")
                .or_else(|| query.get("id"))
                .and_then(|text| text.parse().ok()),
            from: query.get("from").and_then(|text| text.parse().ok()),
            until: query.get("until").and_then(|text| text.parse().ok()),
            before: query.get("before").and_then(|text| text.parse().ok()),
        })
    });
    load(
        move || asked.get(),
        audit_page,
        move |page, _| {
            let asked = asked.get_untracked();
            view! { <Audit page asked/> }.into_any()
        },
    )
}

fn parameters(query: &AuditQuery) -> String {
    let mut parts = Vec::new();
    for (name, number) in [
        ("account_id", query.account_id),
        ("entity_id", query.entity_id),
        ("before", query.before),
    ] {
        parts.extend(number.map(|number| format!("{name}={number}")));
    }
    if !query.entity.is_empty() {
        parts.push(format!("entity={}", query_value(&query.entity)));
    }
    for (name, day) in [("from", query.from), ("until", query.until)] {
        parts.extend(day.map(|day| format!("{name}={day}")));
    }
    if parts.is_empty() {
        String::new()
    } else {
        format!("?{}", parts.join("&"))
    }
}

#[component]
fn Audit(page: Rows, asked: AuditQuery) -> impl IntoView {
    let words = use_words();
    let first = AuditQuery {
        before: None,
        ..asked.clone()
    };
    let is_filtered = first != AuditQuery::default();
    let csv = format!("/audit/list.csv{}", parameters(&first));
    let newest = asked
        .before
        .map(|_| format!("/audit{}", parameters(&first)));
    let older = page.next.map(|before| {
        let next = AuditQuery {
            before: Some(before),
            ..first.clone()
        };
        format!("/audit{}", parameters(&next))
    });
    let is_empty = page.rows.is_empty();
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
    view! {
        <PageTitle text=words.audit_title()/>
        <main class="page audit-page" id="main">
            <div class="page-head">
                <h1>{words.audit_title()}</h1>
                <p class="sub">{words.audit_sub()}</p>
                <div class="end"><a class="btn" href=csv rel="external" download=""><Icon name="i-download"/>"CSV"</a></div>
            </div>
            <section class="panel">
                // A plain form: the address is the filter, with or without a script.
                <form class="body inline-form" action="/audit" method="get" role="search">
                    <div class="field">
                        <label for="audit-person">{words.who_word()}</label>
                        <select class="input" id="audit-person" name="account_id">
                            <option value="">{words.everybody()}</option>
                            {page.people.into_iter().map(|(id, name)| view! {
                                <option value=id.to_string() selected=asked.account_id == Some(id)>{name}</option>
                            }).collect_view()}
                        </select>
                    </div>
                    <div class="field">
                        <label for="audit-kind">{words.record_kind()}</label>
                        <select class="input" id="audit-kind" name="entity">
                            <option value="">{words.every_kind()}</option>
                            {AUDIT_ENTITIES.into_iter().map(|entity| view! {
                                <option value=entity selected=asked.entity == entity>{words.audit_entity(entity).to_owned()}</option>
                            }).collect_view()}
                        </select>
                    </div>
                    <div class="field">
                        <label for="audit-id">{words.record_number()}</label>
                        <input class="input num" id="audit-id" name="entity_id" inputmode="numeric" autocomplete="off"
                            value=asked.entity_id.map(|id| id.to_string())/>
                    </div>
                    <div class="field">
                        <label for="audit-from">{words.from_day()}</label>
                        <input class="input" id="audit-from" name="from" type="date" value=day(asked.from)/>
                    </div>
                    <div class="field">
                        <label for="audit-until">{words.until_day()}</label>
                        <input class="input" id="audit-until" name="until" type="date" value=day(asked.until)/>
                    </div>
                    <button type="submit" class="btn">{words.filter_word()}</button>
                </form>
            </section>
            <section class="panel">
                {if is_empty {
                    view! {
                        <div class="empty"><Icon name="i-clock"/><b>{words.no_audit()}</b>
                            {is_filtered.then(|| view! { <p><a href="/audit">{words.clear_filter()}</a></p> })}
                        </div>
                    }.into_any()
                } else {
                    view! {
                        <div class="scroll-x" tabindex="0" role="region" aria-label=words.audit_title()>
                            <table class="table">
                                <thead><tr>
                                    <th>{words.when_word()}</th><th>{words.who_word()}</th><th>{words.what_word()}</th>
                                    <th>{words.record_word()}</th><th>{words.change_word()}</th>
                                </tr></thead>
                                <tbody>{page.rows.into_iter().map(|row| view! { <Row row/> }).collect_view()}</tbody>
                            </table>
                        </div>
                    }.into_any()
                }}
                {(newest.is_some() || older.is_some()).then(|| view! {
                    <nav class="pager" aria-label=words.paging()>
                        <span class="btns">
                            {newest.map(|href| view! { <a class="btn small" href=href>{words.newest()}</a> })}
                            {older.map(|href| view! { <a class="btn small" href=href>{words.older()}</a> })}
                        </span>
                    </nav>
                })}
            </section>
        </main>
    }
}

#[component]
fn Row(row: AuditRow) -> impl IntoView {
    let words = use_words();
    let name = row
        .subject
        .clone()
        .unwrap_or_else(|| words.numbered(row.entity_id));
    let folder = match row.entity.as_str() {
        "lead" => "leads",
        "trip" => "trips",
        "chain" => "chains",
        _ => "enterprises",
    };
    let record = if row.is_open {
        view! { <a href=format!("/{folder}/{}", row.entity_id)>{name}</a> }.into_any()
    } else {
        name.into_any()
    };
    let fields = row
        .fields
        .iter()
        .map(|field| {
            let [name, before, after] = in_words(words, field);
            view! {
                <span class="block"><span class="muted">{name}"："</span>{before}<span class="muted">" → "</span>{after}</span>
            }
        })
        .collect_view();
    view! {
        <tr>
            <td class="nowrap"><time datetime=row.at.to_rfc3339()>{format::instant(row.at)}</time></td>
            <td class="nowrap">{row.by.unwrap_or_else(|| words.the_program().to_owned())}</td>
            <td class="nowrap">{words.audit_action(&row.action).to_owned()}</td>
            <td><span class="muted small">{words.audit_entity(&row.entity).to_owned()}</span><br/>{record}</td>
            <td class="small">{fields}</td>
        </tr>
    }
}
