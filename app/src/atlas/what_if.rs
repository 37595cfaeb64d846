//! "It lands with this output": the map, the gaps and where to go next, computed in the browser as one types.

use std::collections::{HashMap, HashSet};

use domain::chain::{
    ChainMap, Landing, NewScenario, SCENARIO_LANDINGS, Scenario, WhatIf, WhatIfInput, score,
    what_if,
};
use leptos::prelude::*;

use super::{keep_scenario, remove_scenario, what_if_input};
use crate::{
    chain::Drawing,
    component::{GapTag, Icon, PageTitle, load_by_id, submit, use_toasts},
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

/// The map with the classes, scores and cover of the answer.
fn map_after(map: &ChainMap, answer: &WhatIf) -> ChainMap {
    let changes: HashMap<i64, _> = answer
        .nodes
        .iter()
        .map(|node| (node.node_id, node))
        .collect();
    let mut after = map.clone();
    for node in &mut after.nodes {
        if let Some(change) = changes.get(&node.id) {
            node.class = change.class_after;
            node.score = change.score_after;
            node.cover = change.cover_after;
            // The cover bar is drawn where there is a firm; a landed project is one.
            if change.cover_after > change.cover_before {
                node.local_firms = node.local_firms.max(1);
            }
        }
    }
    after
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
    let hidden = RwSignal::new(HashSet::<&'static str>::new());
    let find = RwSignal::new(String::new());
    let zoom = RwSignal::new(1.0_f64);
    let hovered = RwSignal::new(None::<i64>);
    let picked = RwSignal::new(None::<i64>);
    let chosen = Memo::new(move |_| picked.get());
    let choose = Callback::new(move |node: Option<i64>| picked.set(node));
    let drawn = map.clone();
    let drawing = move || {
        let map = answer
            .get()
            .map_or_else(|| drawn.clone(), |answer| map_after(&drawn, &answer));
        view! {
            <Drawing map chosen hidden=hidden.read_only() find=find.read_only() zoom=zoom.read_only()
                hovered=hovered.read_only() set_hovered=hovered.write_only() choose/>
        }
    };
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
                <div class="stagebox">{drawing}</div>
                {move || answer.get().map(|answer| view! { <Compared answer names=compared.clone()/> })}
            </div>
            <aside class="drawer" aria-label=words.what_lands()>
                <div class="scroll" tabindex="0" role="region" aria-label=words.what_lands()>
                    <Landings landings names=names.clone() input=input.clone() picked/>
                    <Scenarios input landings again/>
                </div>
            </aside>
        </main>
    }
}

/// Projects on the map, and the form for one more.
#[component]
fn Landings(
    landings: RwSignal<Vec<Landing>>,
    names: HashMap<i64, String>,
    input: WhatIfInput,
    picked: RwSignal<Option<i64>>,
) -> impl IntoView {
    let words = use_words();
    let first = input
        .map
        .nodes
        .first()
        .map(|node| node.id)
        .unwrap_or_default();
    let node = Signal::derive(move || picked.get().unwrap_or(first));
    let name = RwSignal::new(String::new());
    let output = RwSignal::new("1".to_owned());
    let lead = RwSignal::new(None::<(i64, i64)>);
    let parsed = move || {
        output
            .get()
            .trim()
            .parse::<f64>()
            .ok()
            .filter(|value| (0.0..=100_000.0).contains(value))
    };
    let add = move || {
        let Some(yi) = parsed() else { return };
        let title = name.get_untracked().trim().to_owned();
        landings.update(|landings| {
            if landings.len() < SCENARIO_LANDINGS {
                landings.push(Landing {
                    name: if title.is_empty() {
                        words.new_project().to_owned()
                    } else {
                        title
                    },
                    node_id: node.get_untracked(),
                    // 亿元 on the page, 万元 in the numbers.
                    output: yi * 10_000.0,
                    lead_id: lead.get_untracked().map(|(lead_id, _)| lead_id),
                    enterprise_id: lead.get_untracked().map(|(_, enterprise_id)| enterprise_id),
                });
            }
        });
        name.set(String::new());
        lead.set(None);
    };
    let leads = input.leads.clone();
    let by_id = leads.clone();
    let take_lead = move |event: leptos::ev::Event| {
        let id: Option<i64> = event_target_value(&event).parse().ok();
        if let Some(found) = by_id.iter().find(|lead| Some(lead.lead_id) == id) {
            picked.set(Some(found.node_id));
            name.set(found.title.chars().take(120).collect());
            lead.set(Some((found.lead_id, found.enterprise_id)));
            if let Some(investment) = found.investment_wan {
                output.set(format::yi(investment).replace(',', ""));
            }
        }
    };
    let nodes: Vec<(i64, String)> = input
        .map
        .nodes
        .iter()
        .map(|node| (node.id, node.name.clone()))
        .collect();
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
            <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); add(); }>
                {(!leads.is_empty()).then(|| view! {
                    <label class="field"><span>{words.from_lead()}</span>
                        <select class="input" on:change=take_lead>
                            <option value="">{words.no_lead_chosen()}</option>
                            {leads.into_iter().map(|lead| view! { <option value=lead.lead_id.to_string()>{lead.title}</option> }).collect_view()}
                        </select>
                    </label>
                })}
                <label class="field"><span>{words.node()}</span>
                    <select class="input" prop:value=move || node.get().to_string()
                        on:change=move |event| picked.set(event_target_value(&event).parse().ok())>
                        {nodes.into_iter().map(|(id, name)| view! { <option value=id.to_string()>{name}</option> }).collect_view()}
                    </select>
                </label>
                <label class="field"><span>{words.project_name()}</span>
                    <input class="input" maxlength="120" prop:value=move || name.get() on:input=move |event| name.set(event_target_value(&event))/>
                </label>
                <label class="field"><span>{words.output_a_year()}</span>
                    <input class="input num" inputmode="decimal" prop:value=move || output.get() on:input=move |event| output.set(event_target_value(&event))/>
                    {move || parsed().is_none().then(|| view! { <span class="error"><Icon name="i-warn"/>{words.output_range()}</span> })}
                </label>
                <button type="submit" class="btn primary" disabled=move || parsed().is_none()>{words.let_it_land()}</button>
            </form>
        </section>
    }
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
