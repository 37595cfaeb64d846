//! "It lands with this output": the map, the gaps and where to go next, computed in the browser as one types.

use std::{collections::HashMap, sync::Arc};

use domain::chain::{
    ChainMap, Landing, NewScenario, SCENARIO_LANDINGS, Scenario, WhatIf, WhatIfInput, score,
    what_if,
};
use leptos::{ev, prelude::*};
use leptos_router::hooks::use_query_map;

use super::{keep_scenario, remove_scenario, what_if_input};
use crate::{
    chain::{Drawing, Faces, MapState, Viewport, faces, folded_size, node_panel},
    component::{GapTag, Icon, PageTitle, load_by_id, load_part, submit, use_toasts},
    error::AppError,
    format,
    words::{problem_sentence, use_words},
};

/// What if, for one chain.
#[component]
pub fn WhatIfPage() -> impl IntoView {
    load_by_id(what_if_input, |input, again| {
        view! { <Desk input again/> }.into_any()
    })
}

/// The nodes with the classes, scores and cover of the answer.
fn faces_after(map: &ChainMap, answer: &WhatIf) -> Faces {
    let changes: HashMap<i64, _> = answer
        .nodes
        .iter()
        .map(|node| (node.node_id, node))
        .collect();
    let mut after = HashMap::with_capacity(map.nodes.len());
    for node in &map.nodes {
        let mut node = node.clone();
        if let Some(change) = changes.get(&node.id) {
            node.class = change.class_after;
            node.score = change.score_after;
            node.cover = change.cover_after;
            // The cover bar is drawn where there is a firm; a landed project is one.
            if change.cover_after > change.cover_before {
                node.local_firms = node.local_firms.max(1);
            }
        }
        after.insert(node.id, node);
    }
    Arc::new(after)
}

#[component]
fn Desk(input: WhatIfInput, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let chain_id = input.chain_id;
    let map = input.map.clone();
    let names: HashMap<i64, String> = map
        .nodes
        .iter()
        .map(|node| (node.id, node.name.clone()))
        .collect();
    let landings = RwSignal::new(Vec::<Landing>::new());
    let before = score(&input.input).ok();
    let numbers = input.input.clone();
    let answer = Memo::new(move |_| {
        let before = before.as_ref()?;
        landings.with(|landings| what_if(&numbers, before, landings).ok())
    });
    let toasts = use_toasts();
    let query = use_query_map();
    let asked = move |key: &str| query.with_untracked(|query| query.get(key));
    let form = Form {
        node: RwSignal::new(asked("node").and_then(|id| id.parse().ok())),
        name: RwSignal::new(asked("name").unwrap_or_default()),
        output: RwSignal::new("1".to_owned()),
        piece: RwSignal::new(
            asked("enterprise")
                .and_then(|id| id.parse().ok())
                .map(|id| (None, Some(id))),
        ),
        dragged: RwSignal::new(None),
    };
    let state = MapState::new(Memo::new(move |_| form.node.get()));
    let choose = Callback::new(move |node: Option<i64>| form.node.set(node));
    let map = Arc::new(map);
    let size = folded_size(Arc::clone(&map), state);
    let after = {
        let map = Arc::clone(&map);
        Memo::new(move |_| {
            answer.with(|answer| match answer {
                Some(answer) => faces_after(&map, answer),
                None => faces(&map),
            })
        })
    };
    let dropped = Callback::new(move |node: i64| {
        if let Some(piece) = form.dragged.get_untracked() {
            form.take(&piece);
            form.node.set(Some(node));
            if !form.land(landings, words.new_project()) {
                toasts.failed(words.cannot_land().to_owned());
            }
        }
    });
    let compared = names.clone();
    let name = map.summary.name.clone();
    view! {
        <PageTitle text=words.what_if_title(name.clone())/>
        <main class="chain-map split fold" id="main">
            <div class="page">
                <div class="page-head">
                    <h1>{words.what_if_title(name)}</h1>
                    <p class="sub">{words.what_if_sub()}</p>
                    <div class="end"><a class="btn" href=format!("/chains/{chain_id}")>{words.back_to_map()}</a></div>
                </div>
                <div class="stagebox">
                    <Viewport state size>
                        <Drawing map faces=after state choose dropped/>
                    </Viewport>
                </div>
                {move || answer.get().map(|answer| view! { <Compared answer names=compared.clone()/> })}
            </div>
            <aside class="drawer" aria-label=words.what_lands()>
                <div class="scroll" tabindex="0" role="region" aria-label=words.what_lands()>
                    <Landings landings names=names.clone() input=input.clone() form/>
                    <Candidates form/>
                    <Scenarios input landings again/>
                </div>
            </aside>
        </main>
    }
}

/// A lead or a company that can be put on the map.
#[derive(Clone, Debug, PartialEq)]
struct Piece {
    name: String,
    node: Option<i64>,
    lead_id: Option<i64>,
    enterprise_id: Option<i64>,
    /// In 亿元.
    output: Option<String>,
}

/// What lands next.
#[derive(Clone, Copy)]
struct Form {
    node: RwSignal<Option<i64>>,
    name: RwSignal<String>,
    /// 亿元 a year, as typed.
    output: RwSignal<String>,
    /// Lead and company that it is.
    piece: RwSignal<Option<(Option<i64>, Option<i64>)>>,
    /// What the pointer carries.
    dragged: RwSignal<Option<Piece>>,
}

impl Form {
    fn take(self, piece: &Piece) {
        if piece.node.is_some() {
            self.node.set(piece.node);
        }
        self.name.set(piece.name.chars().take(120).collect());
        self.piece.set(Some((piece.lead_id, piece.enterprise_id)));
        // What the piece before it was worth says nothing of this one.
        self.output
            .set(piece.output.clone().unwrap_or_else(|| "1".to_owned()));
    }

    /// The output, when it is a number that a project can have.
    fn parsed(self) -> Option<f64> {
        self.output
            .get()
            .trim()
            .parse::<f64>()
            .ok()
            .filter(|value| (0.0..=100_000.0).contains(value))
    }

    /// Puts it on the map; false when it cannot be.
    fn land(self, landings: RwSignal<Vec<Landing>>, unnamed: &str) -> bool {
        let (Some(yi), Some(node_id)) = (untrack(|| self.parsed()), self.node.get_untracked())
        else {
            return false;
        };
        if landings.with_untracked(Vec::len) >= SCENARIO_LANDINGS {
            return false;
        }
        let title = self.name.get_untracked().trim().to_owned();
        let (lead_id, enterprise_id) = self.piece.get_untracked().unwrap_or_default();
        landings.update(|landings| {
            landings.push(Landing {
                name: if title.is_empty() {
                    unnamed.to_owned()
                } else {
                    title
                },
                node_id,
                // 亿元 on the page, 万元 in the numbers.
                output: yi * 10_000.0,
                lead_id,
                enterprise_id,
            });
        });
        self.name.set(String::new());
        self.piece.set(None);
        true
    }
}

/// A lead or company that is dragged onto a node, or taken into the form with a click.
#[component]
fn PieceRow(piece: Piece, form: Form, #[prop(into)] note: String) -> impl IntoView {
    let carried = piece.clone();
    view! {
        <li draggable="true"
            on:dragstart=move |event: ev::DragEvent| {
                if let Some(transfer) = event.data_transfer() {
                    // Some browsers drag nothing that carries no data.
                    let _ = transfer.set_data("text/plain", &carried.name);
                }
                form.dragged.set(Some(carried.clone()));
            }
            on:dragend=move |_| form.dragged.set(None)
        >
            <button type="button" class="btn quiet small" on:click=move |_| form.take(&piece)>{piece.name.clone()}</button>
            <span class="muted small">{note}</span>
        </li>
    }
}

/// Projects on the map, the leads that could land, and the form for one more.
#[component]
fn Landings(
    landings: RwSignal<Vec<Landing>>,
    names: HashMap<i64, String>,
    input: WhatIfInput,
    form: Form,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    if form.node.get_untracked().is_none() {
        form.node.set(input.map.nodes.first().map(|node| node.id));
    }
    let nodes: Vec<(i64, String)> = input
        .map
        .nodes
        .iter()
        .map(|node| (node.id, node.name.clone()))
        .collect();
    let leads: Vec<_> = input
        .leads
        .iter()
        .map(|lead| {
            let piece = Piece {
                name: lead.title.clone(),
                node: Some(lead.node_id),
                lead_id: Some(lead.lead_id),
                enterprise_id: Some(lead.enterprise_id),
                output: lead
                    .investment_wan
                    .map(|investment| format::yi(investment).replace(',', "")),
            };
            let note = names.get(&lead.node_id).cloned().unwrap_or_default();
            view! { <PieceRow piece form note/> }
        })
        .collect();
    let has_leads = !leads.is_empty();
    view! {
        <section>
            <h2>{words.what_lands()}</h2>
            {move || {
                let rows = landings.get();
                if rows.is_empty() {
                    return view! { <p class="muted small">{words.nothing_landed()}</p> }.into_any();
                }
                let names = names.clone();
                view! {
                    <table class="mini"><tbody>
                        {rows.into_iter().enumerate().map(|(index, landing)| view! {
                            <tr>
                                <td><b>{landing.name}</b><br/><span class="muted small">{names.get(&landing.node_id).cloned()}</span></td>
                                <td class="num">{format!("{:.2}", landing.output / 10_000.0)}<span class="unit">{words.unit_yi()}</span></td>
                                <td><button type="button" class="btn quiet small icon" aria-label=words.remove()
                                    on:click=move |_| landings.update(|landings| { if index < landings.len() { landings.remove(index); } })>
                                    <Icon name="i-x"/></button></td>
                            </tr>
                        }).collect_view()}
                    </tbody></table>
                }.into_any()
            }}
        </section>
        <section>
            <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); if !form.land(landings, words.new_project()) { toasts.failed(words.cannot_land().to_owned()); } }>
                <label class="field"><span>{words.node()}</span>
                    <select class="input" prop:value=move || form.node.get().unwrap_or_default().to_string()
                        on:change=move |event| form.node.set(event_target_value(&event).parse().ok())>
                        {nodes.into_iter().map(|(id, name)| view! { <option value=id.to_string()>{name}</option> }).collect_view()}
                    </select>
                </label>
                <label class="field"><span>{words.project_name()}</span>
                    <input class="input" maxlength="120" prop:value=move || form.name.get() on:input=move |event| {
                        form.name.set(event_target_value(&event));
                        // Under another name it is another project.
                        form.piece.set(None);
                    }/>
                </label>
                <label class="field"><span>{words.output_a_year()}</span>
                    <input class="input num" inputmode="decimal" prop:value=move || form.output.get() on:input=move |event| form.output.set(event_target_value(&event))/>
                    {move || form.parsed().is_none().then(|| view! { <span class="error"><Icon name="i-warn"/>{words.output_range()}</span> })}
                </label>
                <button type="submit" class="btn primary" disabled=move || form.parsed().is_none()>{words.let_it_land()}</button>
            </form>
        </section>
        {has_leads.then(|| view! {
            <section>
                <h2>{words.from_lead()}</h2>
                <p class="muted small">{words.drag_to_map()}</p>
                <ul class="pieces" tabindex="0" role="region" aria-label=words.from_lead()>{leads}</ul>
            </section>
        })}
    }
}

/// Candidates for the node in hand, as the map's panel names them.
#[component]
fn Candidates(form: Form) -> impl IntoView {
    let words = use_words();
    let found = load_part(
        move || form.node.get().unwrap_or_default(),
        node_panel,
        move |panel, _| {
            if panel.candidates.is_empty() {
                return view! { <p class="muted small">{words.no_candidate()}</p> }.into_any();
            }
            let node = panel.node.id;
            let rows = panel
                .candidates
                .into_iter()
                .map(|row| {
                    let piece = Piece {
                        name: row.name,
                        node: Some(node),
                        lead_id: None,
                        enterprise_id: Some(row.enterprise_id),
                        output: None,
                    };
                    let note = format::place(None, row.city.as_deref());
                    view! { <PieceRow piece form note/> }
                })
                .collect_view();
            view! { <ul class="pieces">{rows}</ul> }.into_any()
        },
        || view! { <p class="muted small" role="status">"…"</p> }.into_any(),
        |_| ().into_any(),
    );
    view! { <section><h2>{words.candidates_of_node()}</h2>{found}</section> }
}

/// What differs, and where to go next.
#[component]
fn Compared(answer: WhatIf, names: HashMap<i64, String>) -> impl IntoView {
    let words = use_words();
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    let changed: Vec<_> = answer
        .nodes
        .iter()
        .filter(|node| node.is_visible())
        .cloned()
        .collect();
    let percent = |cover: Option<f64>| {
        cover.map_or_else(|| "—".to_owned(), |cover| format!("{:.0} %", cover * 100.0))
    };
    let points =
        |score: Option<f64>| score.map_or_else(|| "—".to_owned(), |score| format!("{score:.1}"));
    let is_empty = changed.is_empty();
    let basis = (answer.basis_before != answer.basis_after)
        .then(|| view! { <p class="small text-warn">{words.basis_changed()}</p> });
    let next = answer
        .next
        .iter()
        .take(5)
        .map(|id| view! { <li><a href=format!("/targets/{id}")>{name(*id)}</a></li> })
        .collect_view();
    let rows = changed
        .into_iter()
        .map(|node| view! {
            <tr>
                <td>{name(node.node_id)}</td>
                <td class="nowrap"><GapTag class=node.class_before/></td>
                <td class="nowrap"><GapTag class=node.class_after/></td>
                <td class="num nowrap">{points(node.score_before)}<span class="muted">" → "</span><b>{points(node.score_after)}</b></td>
                <td class="num nowrap">{percent(node.cover_before)}<span class="muted">" → "</span><b>{percent(node.cover_after)}</b></td>
                <td class="num nowrap">{format!("{:.2}", node.demand_before / 10_000.0)}<span class="muted">" → "</span><b>{format!("{:.2}", node.demand_after / 10_000.0)}</b></td>
            </tr>
        })
        .collect_view();
    view! {
        <section class="panel">
            <header>
                <h2>{words.before_and_after()}</h2>
                <span class="sub" aria-live="polite">{words.closed_and_opened(answer.closed.len(), answer.opened.len())}</span>
            </header>
            {basis}
            {if is_empty {
                view! { <p class="body muted">{words.nothing_differs()}</p> }.into_any()
            } else {
                view! {
                    <div class="scroll-x" tabindex="0" role="region" aria-label=words.before_and_after()>
                        <table class="table">
                            <thead><tr>
                                <th>{words.node()}</th><th>{words.before()}</th><th>{words.after()}</th>
                                <th class="num">"G"</th><th class="num">{words.cover()}</th>
                                <th class="num">{words.local_demand()}<span class="unit">{words.unit_yi()}</span></th>
                            </tr></thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                }.into_any()
            }}
            <div class="body"><b>{words.where_next()}</b><ol class="row-list">{next}</ol></div>
        </section>
    }
}

/// Scenarios that were kept, and the form to keep this one.
#[component]
fn Scenarios(
    input: WhatIfInput,
    landings: RwSignal<Vec<Landing>>,
    again: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let name = RwSignal::new(String::new());
    let chain_id = input.chain_id;
    let keep = move || {
        let new = NewScenario {
            chain_id,
            name: name.get_untracked(),
            landings: landings.get_untracked(),
        };
        submit(pending, keep_scenario(new), move |outcome| match outcome {
            Ok(_) => {
                toasts.done(words.scenario_kept());
                again.run(());
            }
            Err(AppError(refused)) => toasts.failed(problem_sentence(words, &refused)),
        });
    };
    let remove = move |id: i64| {
        submit(pending, remove_scenario(id), move |outcome| match outcome {
            Ok(()) => again.run(()),
            Err(AppError(refused)) => toasts.failed(problem_sentence(words, &refused)),
        });
    };
    let is_empty = input.scenarios.is_empty();
    let rows = input
        .scenarios
        .into_iter()
        .map(|scenario: Scenario| {
            let own = scenario.landings.clone();
            let more = scenario.landings.clone();
            let id = scenario.id;
            view! {
                <tr>
                    <td><b>{scenario.name}</b><br/><span class="muted small">{words.scenario_of(scenario.by, scenario.landings.len(), format::day(scenario.created_at))}</span></td>
                    <td class="nowrap">
                        <button type="button" class="btn small" on:click=move |_| landings.set(own.clone())>{words.show_scenario()}</button>
                        <button type="button" class="btn small" on:click=move |_| landings.update(|landings| {
                            landings.extend(more.clone());
                            landings.truncate(SCENARIO_LANDINGS);
                        })>{words.add_scenario()}</button>
                        {scenario.may_remove.then(|| view! {
                            <button type="button" class="btn quiet small icon" aria-label=words.remove() disabled=move || pending.get()
                                on:click=move |_| remove(id)><Icon name="i-x"/></button>
                        })}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section>
            <h2>{words.scenarios()}</h2>
            {if is_empty {
                view! { <p class="muted small">{words.no_scenario()}</p> }.into_any()
            } else {
                view! { <table class="mini"><tbody>{rows}</tbody></table> }.into_any()
            }}
            {input.may_keep.then(|| view! {
                <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); keep(); }>
                    <label class="field"><span>{words.scenario_name()}</span>
                        <input class="input" maxlength="120" prop:value=move || name.get() on:input=move |event| name.set(event_target_value(&event))/>
                    </label>
                    <button type="submit" class="btn"
                        disabled=move || pending.get() || landings.with(Vec::is_empty) || name.with(|name| name.trim().is_empty())>{words.keep_scenario()}</button>
                </form>
            })}
        </section>
    }
}
