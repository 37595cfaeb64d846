//! Target lists: kept from a search or from pasted names, shared, made into leads or a trip.

use std::collections::BTreeSet;

use domain::{
    problem::Problem,
    target::{
        ListAddition, ListLead, ListedCompany, NameMatch, NewTargetList, TargetListChange,
        TargetListDetail, TargetListRow, TargetListSummary,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use server_fn::codec::Json;

use crate::{
    component::{
        FormDialog, Icon, PageTitle, TextField, field_error, load, load_by_id, submit, use_toasts,
    },
    error::{AppError, Encoded},
    format,
    words::{Locale, problem_sentence, use_words},
};

/// The lists that the person has.
///
/// # Errors
/// The use case's problem.
#[server(name = TargetListsRequest, prefix = "/api", endpoint = "target_lists", input = Json)]
pub async fn target_lists() -> Result<Encoded<Vec<TargetListSummary>>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.target_lists(&actor).await)
}

/// A list with its companies.
///
/// # Errors
/// The use case's problem.
#[server(name = TargetListRequest, prefix = "/api", endpoint = "target_list", input = Json)]
pub async fn target_list(id: i64) -> Result<Encoded<TargetListDetail>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.target_list(&actor, id).await)
}

/// Makes a list.
///
/// # Errors
/// The use case's problem.
#[server(name = MakeTargetListRequest, prefix = "/api", endpoint = "make_target_list", input = Json)]
pub async fn make_target_list(new: NewTargetList) -> Result<ListAddition, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.make_target_list(&actor, new).await)
}

/// Puts companies on a list.
///
/// # Errors
/// The use case's problem.
#[server(name = AddToTargetListRequest, prefix = "/api", endpoint = "add_to_target_list", input = Json)]
pub async fn add_to_target_list(
    id: i64,
    companies: Vec<ListedCompany>,
) -> Result<ListAddition, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.add_to_target_list(&actor, id, companies).await)
}

/// Takes companies off a list.
///
/// # Errors
/// The use case's problem.
#[server(name = RemoveFromTargetListRequest, prefix = "/api", endpoint = "remove_from_target_list", input = Json)]
pub async fn remove_from_target_list(id: i64, enterprise_ids: Vec<i64>) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(
        service
            .remove_from_target_list(&actor, id, &enterprise_ids)
            .await,
    )
}

/// Renames or shares a list.
///
/// # Errors
/// The use case's problem.
#[server(name = ChangeTargetListRequest, prefix = "/api", endpoint = "change_target_list", input = Json)]
pub async fn change_target_list(change: TargetListChange) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.change_target_list(&actor, change).await)
}

/// Removes a list, or brings it back.
///
/// # Errors
/// The use case's problem.
#[server(name = DeleteTargetListRequest, prefix = "/api", endpoint = "delete_target_list", input = Json)]
pub async fn delete_target_list(id: i64, is_deleted: bool) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(
        service
            .set_target_list_deleted(&actor, id, is_deleted)
            .await,
    )
}

/// Which companies pasted names mean.
///
/// # Errors
/// The use case's problem.
#[server(name = MatchNamesRequest, prefix = "/api", endpoint = "match_names", input = Json)]
pub async fn match_names(text: String) -> Result<Encoded<(Vec<NameMatch>, bool)>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.match_names(&actor, &text).await)
}

/// Makes a lead of each of these companies of a list.
///
/// # Errors
/// The use case's problem.
#[server(name = LeadsOfListRequest, prefix = "/api", endpoint = "leads_of_list", input = Json)]
pub async fn leads_of_list(
    id: i64,
    enterprise_ids: Vec<i64>,
) -> Result<Encoded<Vec<ListLead>>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.leads_of_list(&actor, id, &enterprise_ids).await)
}

fn list_address(id: i64) -> String {
    format!("/lists/{id}")
}

/// All lists.
#[component]
pub fn TargetListsPage() -> impl IntoView {
    load(
        || (),
        |()| target_lists(),
        |lists, _| view! { <Lists lists/> }.into_any(),
    )
}

#[component]
fn Lists(lists: Vec<TargetListSummary>) -> impl IntoView {
    let words = use_words();
    let is_pasting = RwSignal::new(false);
    view! {
        <PageTitle text=words.target_lists()/>
        <main class="page" id="main">
            <div class="page-head">
                <h1>{words.target_lists()}</h1>
                <p class="sub">{words.target_lists_sub()}</p>
                <div class="end">
                    <button type="button" class="btn primary" on:click=move |_| is_pasting.set(true)>{words.paste_names()}</button>
                </div>
            </div>
            <section class="panel">
                {if lists.is_empty() {
                    view! {
                        <div class="empty">
                            <Icon name="i-target"/>
                            <b>{words.no_target_list()}</b>
                            <p>{words.no_target_list_hint()}</p>
                            <div class="btns-row"><a class="btn" href="/targets">{words.targets_title()}</a></div>
                        </div>
                    }.into_any()
                } else {
                    view! {
                        <div class="scroll-x" tabindex="0" role="region" aria-label=words.target_lists()>
                            <table class="table">
                                <thead><tr>
                                    <th>{words.list_name()}</th><th class="num">{words.enterprise()}<span class="unit">{words.unit_companies()}</span></th>
                                    <th>{words.owner()}</th><th>{words.shared_with()}</th><th>{words.changed_at()}</th>
                                </tr></thead>
                                <tbody>
                                    {lists.into_iter().map(|list| view! {
                                        <tr>
                                            <td><a href=list_address(list.id) data-row><b>{list.name}</b></a></td>
                                            <td class="num">{format::count(list.companies)}</td>
                                            <td class="nowrap">{list.owner}</td>
                                            <td class="nowrap">{list.bureau.unwrap_or_else(|| words.only_me().to_owned())}</td>
                                            <td class="nowrap">{format::moment(list.updated_at)}</td>
                                        </tr>
                                    }).collect_view()}
                                </tbody>
                            </table>
                        </div>
                    }.into_any()
                }}
            </section>
            {move || is_pasting.get().then(|| view! { <Paste close=Callback::new(move |()| is_pasting.set(false))/> })}
        </main>
    }
}

/// Pasted names, what they mean, and a list made of them.
#[component]
fn Paste(close: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let text = RwSignal::new(String::new());
    let name = RwSignal::new(String::new());
    let is_shared = RwSignal::new(false);
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let found = RwSignal::new(None::<(Vec<NameMatch>, bool)>);
    // By line: the company that was chosen.
    let chosen = RwSignal::new(Vec::<Option<i64>>::new());
    let ids = move || -> Vec<i64> {
        let chosen: BTreeSet<i64> = chosen.get().into_iter().flatten().collect();
        chosen.into_iter().collect()
    };
    let send = Callback::new(move |()| {
        if found.with_untracked(Option::is_none) {
            submit(
                pending,
                match_names(text.get_untracked()),
                move |outcome| match outcome.and_then(|answer| answer.read()) {
                    Ok(answer) => {
                        chosen.set(
                            answer
                                .0
                                .iter()
                                .map(|line| {
                                    let first = line.companies.first().map(|(id, _)| *id);
                                    first.filter(|_| line.is_certain)
                                })
                                .collect(),
                        );
                        found.set(Some(answer));
                    }
                    Err(AppError(refused)) => toasts.failed(problem_sentence(words, &refused)),
                },
            );
            return;
        }
        let navigate = navigate.clone();
        let new = NewTargetList {
            name: name.get_untracked(),
            is_shared: is_shared.get_untracked(),
            companies: ids()
                .into_iter()
                .map(|enterprise_id| ListedCompany {
                    enterprise_id,
                    node_id: None,
                })
                .collect(),
        };
        submit(
            pending,
            make_target_list(new),
            move |outcome| match outcome {
                Ok(made) => navigate(&list_address(made.list_id), Default::default()),
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    });
    let is_blocked = Signal::derive(move || {
        pending.get()
            || if found.with(Option::is_none) {
                text.with(|text| text.trim().is_empty())
            } else {
                ids().is_empty()
            }
    });
    view! {
        {move || {
            let send_word = if found.with(Option::is_none) { words.match_them() } else { words.keep_list() };
            view! {
                <FormDialog title=words.paste_names() send_word close send is_blocked>
                    {match found.get() {
                        None => view! {
                            <div class="field wide">
                                <label for="pasted">{words.pasted_names()}</label>
                                <textarea class="input" id="pasted" rows="10" prop:value=move || text.get()
                                    on:input=move |event| text.set(event_target_value(&event))></textarea>
                                <span class="muted small">{words.pasted_hint(domain::target::PASTED_LIMIT)}</span>
                            </div>
                        }.into_any(),
                        Some((lines, is_cut)) => {
                            let unmatched = lines.iter().filter(|line| line.companies.is_empty()).count();
                            view! {
                                <NameAndSharing name is_shared problem/>
                                <p class="small" role="status">
                                    {move || words.names_matched(ids().len(), unmatched)}
                                    {is_cut.then(|| words.names_cut(domain::target::PASTED_LIMIT))}
                                </p>
                                <ul class="matches">
                                    {lines.into_iter().enumerate().map(|(index, line)| view! { <Line index line chosen/> }).collect_view()}
                                </ul>
                            }.into_any()
                        }
                    }}
                </FormDialog>
            }
        }}
    }
}

/// What a list is called, and whether the bureau has it, too.
#[component]
fn NameAndSharing(
    name: RwSignal<String>,
    is_shared: RwSignal<bool>,
    /// Why it was refused; what it says of the name stands beside the name.
    problem: RwSignal<Option<Problem>>,
    #[prop(default = true)] may_share: bool,
) -> impl IntoView {
    let words = use_words();
    let error = Signal::derive(move || {
        problem.with(|problem| field_error(words, problem.as_ref(), "name"))
    });
    view! {
        <TextField id="list-name" label=words.list_name() value=name wide=true max=domain::target::LIST_NAME_LIMIT error/>
        {may_share.then(|| view! {
            <label class="check"><input type="checkbox" prop:checked=move || is_shared.get()
                on:change=move |event| is_shared.set(event_target_checked(&event))/>{words.share_with_bureau()}</label>
        })}
    }
}

/// One pasted name: matched, to be chosen, or unknown.
#[component]
fn Line(index: usize, line: NameMatch, chosen: RwSignal<Vec<Option<i64>>>) -> impl IntoView {
    let words = use_words();
    let choose = move |id: Option<i64>| {
        chosen.update(|chosen| {
            if let Some(place) = chosen.get_mut(index) {
                *place = id;
            }
        });
    };
    let is_certain = line.is_certain;
    view! {
        <li>
            <span>{line.text.clone()}</span>
            {match (line.companies.as_slice(), is_certain) {
                ([], _) => view! { <span class="badge" data-kind="warn">{words.not_in_directory()}</span> }.into_any(),
                ([(_, name)], true) => view! { <b>{name.clone()}</b> }.into_any(),
                (several, _) => view! {
                    <select class="input" aria-label=words.which_company(&line.text)
                        on:change=move |event| choose(event_target_value(&event).parse().ok())>
                        <option value="">{words.none_of_them()}</option>
                        {several.iter().map(|(id, name)| view! { <option value=id.to_string()>{name.clone()}</option> }).collect_view()}
                    </select>
                }.into_any(),
            }}
        </li>
    }
}

/// A list.
#[component]
pub fn TargetListPage() -> impl IntoView {
    // What became of leads stays while the list is fetched anew.
    let made = RwSignal::new(None::<Vec<ListLead>>);
    load_by_id(target_list, move |detail, again| {
        view! { <Detail detail again made/> }.into_any()
    })
}

/// What a company's standing is, in words.
pub(super) fn standing(words: Locale, row: &TargetListRow) -> String {
    if row.is_gone {
        return words.no_target_any_more().to_owned();
    }
    match (&row.held, &row.turned_down) {
        (Some(held), _) => words.held_badge(&held.bureau, words.stage(held.stage)),
        (None, Some(refusal)) => words.turned_down(refusal),
        (None, None) => words.contact(row.contact).to_owned(),
    }
}

#[component]
fn Detail(
    detail: TargetListDetail,
    again: Callback<()>,
    made: RwSignal<Option<Vec<ListLead>>>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let pending = RwSignal::new(false);
    let picked = RwSignal::new(BTreeSet::<i64>::new());
    let is_editing = RwSignal::new(false);
    let id = detail.list.id;
    let failed = move |problem: Problem| toasts.failed(problem_sentence(words, &problem));
    let chosen = move || picked.get_untracked().into_iter().collect::<Vec<i64>>();
    let all: BTreeSet<i64> = detail.rows.iter().map(|row| row.enterprise_id).collect();
    let nodes: Vec<ListedCompany> = detail
        .rows
        .iter()
        .map(|row| ListedCompany {
            enterprise_id: row.enterprise_id,
            node_id: row.node_id,
        })
        .collect();
    let lead = move |_| {
        submit(
            pending,
            leads_of_list(id, chosen()),
            move |outcome| match outcome.and_then(|answer| answer.read()) {
                Ok(outcomes) => {
                    made.set(Some(outcomes));
                    picked.update(BTreeSet::clear);
                    again.run(());
                }
                Err(AppError(problem)) => failed(problem),
            },
        );
    };
    let remove =
        move |_| {
            let ids = chosen();
            let back: Vec<ListedCompany> = nodes
                .iter()
                .filter(|company| ids.contains(&company.enterprise_id))
                .copied()
                .collect();
            submit(
                pending,
                remove_from_target_list(id, ids),
                move |outcome| match outcome {
                    Ok(()) => {
                        picked.update(BTreeSet::clear);
                        again.run(());
                        toasts.undoable(words.taken_off(back.len()), move || {
                            let back = back.clone();
                            submit(pending, add_to_target_list(id, back), move |outcome| {
                                match outcome {
                                    Ok(_) => again.run(()),
                                    Err(AppError(problem)) => failed(problem),
                                }
                            });
                        });
                    }
                    Err(AppError(problem)) => failed(problem),
                },
            );
        };
    let delete =
        move |_| {
            let navigate = navigate.clone();
            submit(
                pending,
                delete_target_list(id, true),
                move |outcome| match outcome {
                    Ok(()) => {
                        navigate("/lists", Default::default());
                        let back = navigate.clone();
                        toasts.undoable(words.list_deleted(), move || {
                            let back = back.clone();
                            submit(pending, delete_target_list(id, false), move |outcome| {
                                match outcome {
                                    Ok(()) => back(&list_address(id), Default::default()),
                                    Err(AppError(problem)) => failed(problem),
                                }
                            });
                        });
                    }
                    Err(AppError(problem)) => failed(problem),
                },
            );
        };
    let list = detail.list.clone();
    let may_write = list.may_write;
    let may_lead = detail.may_lead;
    let is_empty = detail.rows.is_empty();
    let nobody = move || picked.with(BTreeSet::is_empty) || pending.get();
    view! {
        <PageTitle text=list.name.clone()/>
        <main class="page" id="main">
            <div class="page-head">
                <h1>{list.name.clone()}</h1>
                <p class="sub">{words.target_list_sub(
                    format::count(list.companies),
                    &list.owner,
                    list.bureau.clone().unwrap_or_else(|| words.only_me().to_owned()),
                )}</p>
                <div class="end">
                    <a class="btn" href="/lists">{words.target_lists()}</a>
                    {may_write.then(|| view! {
                        <button type="button" class="btn" on:click=move |_| is_editing.set(true)>{words.change_list()}</button>
                        <button type="button" class="btn" disabled=move || pending.get() on:click=delete>{words.delete_word()}</button>
                    })}
                    <details class="drop">
                        <summary class="btn">{words.export()}<Icon name="i-down"/></summary>
                        <div class="menu">
                            <a href=format!("/lists/{id}/list.xlsx") rel="external" download="">"XLSX"</a>
                            <a href=format!("/lists/{id}/list.csv") rel="external" download="">"CSV"</a>
                        </div>
                    </details>
                    {may_lead.then(|| view! {
                        <a class="btn" href=format!("/trips/new?list={id}")>{words.plan_trip_of_list()}</a>
                        <button type="button" class="btn primary" disabled=nobody on:click=lead>
                            {move || words.make_leads(picked.with(BTreeSet::len))}</button>
                    })}
                </div>
            </div>
            {move || made.get().map(|outcomes| view! {
                <section class="panel" role="status">
                    <header><h2>{words.leads_made(outcomes.iter().filter(|one| one.outcome.is_ok()).count(), outcomes.len())}</h2></header>
                    <ul class="body small">
                        {outcomes.into_iter().map(|one| view! {
                            <li>{one.name}"："{match one.outcome {
                                Ok(lead_id) => view! { <a href=format!("/leads/{lead_id}")>{words.lead_made()}</a> }.into_any(),
                                Err(problem) => problem_sentence(words, &problem).into_any(),
                            }}</li>
                        }).collect_view()}
                    </ul>
                </section>
            })}
            <section class="panel">
                {if is_empty {
                    view! { <div class="empty"><Icon name="i-target"/><b>{words.list_empty()}</b><p>{words.list_empty_hint()}</p></div> }.into_any()
                } else {
                    view! {
                        <div class="scroll-x" tabindex="0" role="region" aria-label=list.name.clone()>
                            <table class="table">
                                <thead><tr>
                                    <th><label class="check"><input type="checkbox" aria-label=words.choose_every()
                                        prop:checked={ let all = all.clone(); move || picked.with(|picked| *picked == all) }
                                        on:change=move |event| picked.set(if event_target_checked(&event) { all.clone() } else { BTreeSet::new() })/></label></th>
                                    <th>{words.enterprise()}</th><th>{words.location()}</th><th>{words.industry()}</th>
                                    <th>{words.node()}</th><th>{words.contact_group()}</th><th>{words.added_by()}</th>
                                </tr></thead>
                                <tbody>
                                    {detail.rows.into_iter().map(|row| {
                                        let enterprise_id = row.enterprise_id;
                                        let standing = standing(words, &row);
                                        view! {
                                            <tr>
                                                <td><label class="check"><input type="checkbox" aria-label=words.choose_it(&row.name)
                                                    prop:checked=move || picked.with(|picked| picked.contains(&enterprise_id))
                                                    on:change=move |event| picked.update(|picked| {
                                                        if event_target_checked(&event) { picked.insert(enterprise_id); } else { picked.remove(&enterprise_id); }
                                                    })/></label></td>
                                                <td><a href=format!("/enterprises/{enterprise_id}") data-row><b>{row.name}</b></a>
                                                    <span class="muted small">{row.stock_code.map(|code| format!("　{code}"))}</span></td>
                                                <td class="nowrap">{format::place(row.province.as_deref(), row.city.as_deref())}</td>
                                                <td>{row.industry}</td>
                                                <td class="nowrap">{row.node_id.zip(row.node_name).map(|(node, name)| view! { <a href=format!("/targets/{node}")>{name}</a> })}</td>
                                                <td>{match row.held.as_ref().and_then(|held| held.lead_id) {
                                                    Some(lead_id) => view! { <a href=format!("/leads/{lead_id}")>{standing}</a> }.into_any(),
                                                    None => standing.into_any(),
                                                }}</td>
                                                <td class="nowrap muted small">{row.added_by}" "{format::day(row.added_at)}</td>
                                            </tr>
                                        }
                                    }).collect_view()}
                                </tbody>
                            </table>
                        </div>
                        {may_write.then(|| view! {
                            <div class="go body">
                                <button type="button" class="btn small" disabled=nobody on:click=remove>
                                    {move || words.take_off(picked.with(BTreeSet::len))}</button>
                            </div>
                        })}
                    }.into_any()
                }}
            </section>
            {move || is_editing.get().then(|| view! {
                <Edit list=list.clone() done=again close=Callback::new(move |()| is_editing.set(false))/>
            })}
        </main>
    }
}

#[component]
fn Edit(list: TargetListSummary, done: Callback<()>, close: Callback<()>) -> impl IntoView {
    let words = use_words();
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let name = RwSignal::new(list.name.clone());
    let is_shared = RwSignal::new(list.bureau.is_some());
    let (id, version, may_share) = (list.id, list.version, list.may_share);
    let send = Callback::new(move |()| {
        let change = TargetListChange {
            id,
            version,
            name: name.get_untracked(),
            is_shared: is_shared.get_untracked(),
        };
        submit(
            pending,
            change_target_list(change),
            move |outcome| match outcome {
                Ok(()) => {
                    close.run(());
                    done.run(());
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    });
    view! {
        <FormDialog title=words.change_list() send_word=words.save() close send is_blocked=pending>
            {move || problem.get().filter(|problem| !matches!(problem, Problem::Invalid { .. }))
                .map(|problem| view! { <p class="error" role="alert">{problem_sentence(words, &problem)}</p> })}
            <NameAndSharing name is_shared problem may_share/>
        </FormDialog>
    }
}

/// Keeps companies on a list that is there, or on a new one.
#[component]
pub(super) fn KeepOnList(
    companies: Signal<Vec<ListedCompany>>,
    suggested: String,
    close: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let name = RwSignal::new(suggested);
    let is_shared = RwSignal::new(false);
    let onto = RwSignal::new(None::<i64>);
    let lists = Resource::new(
        || (),
        |()| async { target_lists().await.and_then(|answer| answer.read()) },
    );
    let send = Callback::new(move |()| {
        let done = move |outcome: Result<ListAddition, AppError>| match outcome {
            Ok(addition) => {
                close.run(());
                toasts.done(words.kept_on_list(addition.added, addition.known));
            }
            Err(AppError(refused)) => problem.set(Some(refused)),
        };
        let companies = companies.get_untracked();
        match onto.get_untracked() {
            Some(id) => submit(pending, add_to_target_list(id, companies), done),
            None => submit(
                pending,
                make_target_list(NewTargetList {
                    name: name.get_untracked(),
                    is_shared: is_shared.get_untracked(),
                    companies,
                }),
                done,
            ),
        }
    });
    view! {
        <FormDialog title=words.keep_on_list() send_word=words.save() close send is_blocked=pending>
            {move || problem.get().filter(|problem| field_error(words, Some(problem), "name").is_none())
                .map(|problem| view! { <p class="error" role="alert">{problem_sentence(words, &problem)}</p> })}
            <p class="small">{move || words.companies_count(companies.with(Vec::len))}</p>
            <div class="field wide">
                <label for="onto-list">{words.onto_list()}</label>
                <select class="input" id="onto-list" on:change=move |event| onto.set(event_target_value(&event).parse().ok())>
                    <option value="">{words.new_list()}</option>
                    <Suspense fallback=|| ()>
                        {move || Suspend::new(async move {
                            lists.await.unwrap_or_default().into_iter().filter(|list| list.may_write)
                                .map(|list| view! { <option value=list.id.to_string()>{list.name}</option> })
                                .collect_view()
                        })}
                    </Suspense>
                </select>
            </div>
            {move || onto.get().is_none().then(|| view! { <NameAndSharing name is_shared problem/> })}
        </FormDialog>
    }
}
