//! The bin, and the form that puts something into it.

use domain::{
    audit::{
        BIN_PAGE, BinItem, BinPage as Bin, BinQuery, Deletion, PURGE_DAYS, RecordKind, RecordTag,
    },
    problem::Problem,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{bin_page, delete_record, purge_record, restore_record};
use crate::{
    component::{
        FormDialog, Icon, PageTitle, Pager, ProblemNotice, Refusal, StageTag, TextField,
        field_error, load, submit, use_toasts,
    },
    error::AppError,
    format,
    words::use_words,
};

/// Deleted leads or trips, as the address asks.
#[component]
pub fn BinPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| BinQuery {
            kind: query
                .get("kind")
                .and_then(|key| RecordKind::from_key(&key))
                .unwrap_or_default(),
            page: query
                .get("page")
                .and_then(|page| page.parse().ok())
                .unwrap_or(0),
        })
    });
    load(
        move || asked.get(),
        bin_page,
        |page, refetch| view! { <Items page refetch/> }.into_any(),
    )
}

#[component]
fn Items(page: Bin, refetch: Callback<()>) -> impl IntoView {
    let words = use_words();
    let kind = page.kind;
    let problem = RwSignal::new(None::<Problem>);
    let purging = RwSignal::new(None::<(RecordTag, String)>);
    let link = Callback::new(move |page: u64| format!("/bin?kind={}&page={page}", kind.key()));
    let is_empty = page.items.is_empty();
    view! {
        <PageTitle text=words.bin_title()/>
        <main class="page bin-page" id="main">
            <div class="page-head">
                <h1>{words.bin_title()}</h1>
                <div class="btns" role="group" aria-label=words.record_kind()>
                    {RecordKind::ALL.into_iter().map(|one| view! {
                        <a class="btn" href=format!("/bin?kind={}", one.key())
                            aria-current=(one == kind).then_some("true")
                            data-pressed=(one == kind).to_string()>{words.audit_entity(one.key()).to_owned()}</a>
                    }).collect_view()}
                </div>
                <p class="sub">{words.bin_sub(PURGE_DAYS)}</p>
            </div>
            {move || problem.get().map(|problem| view! { <ProblemNotice problem/> })}
            <section class="panel">
                {if is_empty {
                    view! {
                        <div class="empty"><Icon name="i-check"/><b>{words.bin_empty()}</b>
                            <p>{words.bin_empty_hint()}</p>
                            <p><a href=match kind { RecordKind::Lead => "/leads/list", RecordKind::Trip => "/trips" }>{match kind {
                                RecordKind::Lead => words.lead_list(),
                                RecordKind::Trip => words.nav_trips_long(),
                            }}</a></p>
                        </div>
                    }.into_any()
                } else {
                    view! {
                        <div class="scroll-x" tabindex="0" role="region" aria-label=words.bin_title()>
                            <table class="table">
                                <thead><tr>
                                    <th>{words.record_name()}</th>
                                    {(kind == RecordKind::Lead).then(|| view! { <th>{words.stage_word()}</th> })}
                                    <th>{words.bureau()}</th><th>{words.deleted_by()}</th><th>{words.deleted_when()}</th>
                                    <th>{words.reason()}</th><th><span class="vh">{words.what_word()}</span></th>
                                </tr></thead>
                                <tbody>{page.items.into_iter().map(|item| view! { <Item item problem purging refetch/> }).collect_view()}</tbody>
                            </table>
                        </div>
                        <Pager page=page.page page_size=BIN_PAGE total=page.total link/>
                    }.into_any()
                }}
            </section>
            {move || purging.get().map(|(tag, name)| view! {
                <PurgeForm tag name close=Callback::new(move |()| purging.set(None)) done=refetch/>
            })}
        </main>
    }
}

#[component]
fn Item(
    item: BinItem,
    problem: RwSignal<Option<Problem>>,
    purging: RwSignal<Option<(RecordTag, String)>>,
    refetch: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let tag = RecordTag {
        kind: item.kind,
        id: item.id,
    };
    let name = item
        .enterprise_name
        .clone()
        .unwrap_or_else(|| item.title.clone());
    let restored = name.clone();
    let restore = move |_| {
        problem.set(None);
        let name = restored.clone();
        submit(pending, restore_record(tag), move |outcome| match outcome {
            Ok(_) => {
                toasts.done(words.restored(name));
                refetch.run(());
            }
            Err(AppError(refused)) => problem.set(Some(refused)),
        });
    };
    let history = (item.kind == RecordKind::Lead)
        .then(|| format!("/audit?entity={}&id={}", item.kind.key(), item.id));
    let purged = name.clone();
    view! {
        <tr>
            <td><b>{name.clone()}</b>{item.enterprise_name.map(|_| view! { <br/><span class="muted small">{item.title}</span> })}</td>
            {(item.kind == RecordKind::Lead).then(|| view! { <td class="nowrap">{item.stage.map(|stage| view! { <StageTag stage/> })}</td> })}
            <td class="nowrap">{item.bureau}</td>
            <td class="nowrap">{item.by}</td>
            <td class="nowrap"><time datetime=item.deleted_at.to_rfc3339()>{format::instant(item.deleted_at)}</time></td>
            <td>{item.reason}</td>
            <td class="nowrap">
                <span class="btns">
                    <button type="button" class="btn small" aria-label=words.restore_of(name) disabled=move || pending.get() on:click=restore>{words.restore()}</button>
                    {history.map(|href| view! { <a class="btn small" href=href>{words.audit_title()}</a> })}
                    {item.may_purge.then(|| view! {
                        <button type="button" class="btn small danger" on:click=move |_| purging.set(Some((tag, purged.clone())))>{words.purge()}</button>
                    })}
                </span>
            </td>
        </tr>
    }
}

#[component]
fn PurgeForm(
    tag: RecordTag,
    name: String,
    close: Callback<()>,
    done: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let send = Callback::new(move |()| {
        submit(pending, purge_record(tag), move |outcome| match outcome {
            Ok(()) => {
                close.run(());
                toasts.done(words.purged());
                done.run(());
            }
            Err(AppError(refused)) => problem.set(Some(refused)),
        });
    });
    view! {
        <FormDialog title=words.purge() send_word=words.purge() close send is_blocked=pending>
            <Refusal problem/>
            <p>{words.purge_sentence(name)}</p>
        </FormDialog>
    }
}

/// Asks why a record goes into the bin, and puts it there. `done` gets the version that it has then.
#[component]
pub fn DeleteForm(
    tag: RecordTag,
    version: i64,
    name: String,
    close: Callback<()>,
    done: Callback<i64>,
) -> impl IntoView {
    let words = use_words();
    let reason = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let send = Callback::new(move |()| {
        let deletion = Deletion {
            kind: tag.kind,
            id: tag.id,
            version,
            reason: reason.get_untracked(),
        };
        submit(
            pending,
            delete_record(deletion),
            move |outcome| match outcome {
                Ok(version) => {
                    close.run(());
                    done.run(version);
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    });
    let error = Signal::derive(move || field_error(words, problem.get().as_ref(), "reason"));
    let hint = match tag.kind {
        RecordKind::Lead => words.delete_lead_hint(PURGE_DAYS),
        RecordKind::Trip => words.delete_trip_hint(PURGE_DAYS),
    };
    view! {
        <FormDialog title=words.delete_of(name) send_word=words.delete_word() close send is_blocked=pending>
            <Refusal problem/>
            <TextField id="delete-reason" label=words.reason() value=reason error/>
            <p class="muted small">{hint}</p>
        </FormDialog>
    }
}
