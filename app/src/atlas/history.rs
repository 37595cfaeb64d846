//! A chain over time: a slider over its moments, the map as it was, and what moved.

use std::sync::Arc;

use domain::chain::{ChainHistory, ChainMap, ClassMove, GapClass, Snapshot, SnapshotReason};
use leptos::prelude::*;

use super::{chain_history, take_snapshot};
use crate::{
    chain::{Drawing, MapState, Viewport, faces, folded_size},
    component::{GapTag, PageTitle, StageTag, load_by_id, submit, use_toasts},
    error::AppError,
    format,
    words::{problem_sentence, use_words},
};

/// The history of one chain.
#[component]
pub fn HistoryPage() -> impl IntoView {
    load_by_id(chain_history, |history, again| {
        view! { <History history again/> }.into_any()
    })
}

/// Today's map with the classes of another day; nodes that were not there then are unknown.
fn map_at(map: &ChainMap, snapshot: &Snapshot) -> ChainMap {
    let mut then = map.clone();
    for node in &mut then.nodes {
        let known = snapshot.nodes.iter().find(|one| one.node_id == node.id);
        node.class = known.map_or(GapClass::Unknown, |one| one.class);
        node.score = known.and_then(|one| one.score);
        node.cover = known.and_then(|one| one.cover);
        node.local_firms = known.map_or(0, |one| one.local_firms);
        node.open_leads = known.map_or(0, |one| one.open_leads);
    }
    then
}

#[component]
fn History(history: ChainHistory, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let last = history.snapshots.len().saturating_sub(1);
    let at = RwSignal::new(last);
    let pending = RwSignal::new(false);
    let chain_id = history.chain_id;
    let take = move |_| {
        submit(
            pending,
            take_snapshot(chain_id),
            move |outcome| match outcome {
                Ok(_) => {
                    toasts.done(words.snapshot_taken());
                    again.run(());
                }
                Err(AppError(refused)) => toasts.failed(problem_sentence(words, &refused)),
            },
        );
    };
    let labels: Vec<String> = history
        .snapshots
        .iter()
        .map(|snapshot| match (snapshot.id, snapshot.reason) {
            (None, _) => words.snapshot_today(format::day(snapshot.taken_at)),
            (_, SnapshotReason::Weekly) => words.snapshot_weekly(format::day(snapshot.taken_at)),
            (_, SnapshotReason::OnDemand) => {
                words.snapshot_on_demand(format::moment(snapshot.taken_at))
            }
            (_, SnapshotReason::Published) => {
                words.snapshot_published(format::moment(snapshot.taken_at))
            }
        })
        .collect();
    let label = {
        let labels = labels.clone();
        Memo::new(move |_| labels.get(at.get()).cloned().unwrap_or_default())
    };
    let snapshots = history.snapshots;
    let map = Arc::new(history.map);
    let state = MapState::new(Memo::new(|_| None::<i64>));
    let size = folded_size(Arc::clone(&map), state);
    let then = {
        let map = Arc::clone(&map);
        Memo::new(move |_| match snapshots.get(at.get()) {
            Some(snapshot) => faces(&map_at(&map, snapshot)),
            None => faces(&map),
        })
    };
    let moves = history.moves;
    let moved = move || {
        let list = moves.get(at.get()).cloned().unwrap_or_default();
        if list.is_empty() {
            return view! { <p class="body muted">{words.nothing_moved()}</p> }.into_any();
        }
        view! { <Moves list chain_id/> }.into_any()
    };
    let step = move |by: isize| at.update(|at| *at = at.saturating_add_signed(by).min(last));
    view! {
        <PageTitle text=words.history_title(history.chain_name.clone())/>
        <main class="page" id="main">
            <div class="page-head">
                <h1>{words.history_title(history.chain_name)}</h1>
                <p class="sub">{words.history_sub(last + 1)}</p>
                <div class="end">
                    {history.may_take.then(|| view! {
                        <button type="button" class="btn" disabled=move || pending.get() on:click=take>{words.take_snapshot()}</button>
                    })}
                    <a class="btn" href=format!("/chains/{chain_id}")>{words.back_to_map()}</a>
                </div>
            </div>
            <div class="toolbar slider">
                <button type="button" class="btn small" disabled=move || at.get() == 0 on:click=move |_| step(-1)>{words.earlier()}</button>
                <label><span class="vh">{words.moment_shown()}</span>
                    <input type="range" min="0" max=last.to_string() step="1" prop:value=move || at.get().to_string()
                        aria-valuetext=move || label.get()
                        on:input=move |event| at.set(event_target_value(&event).parse().unwrap_or(last).min(last))/>
                </label>
                <button type="button" class="btn small" disabled=move || at.get() == last on:click=move |_| step(1)>{words.later()}</button>
                <b aria-live="polite">{move || label.get()}</b>
            </div>
            <section class="panel">
                <header><h2>{words.what_moved()}</h2><span class="sub">{words.what_moved_sub()}</span></header>
                {moved}
            </section>
            <div class="chain-map"><div class="stagebox">
                <Viewport state size>
                    <Drawing map faces=then state choose=Callback::new(|_| ())/>
                </Viewport>
            </div></div>
        </main>
    }
}

#[component]
fn Moves(list: Vec<ClassMove>, chain_id: i64) -> impl IntoView {
    let words = use_words();
    let class = |class: Option<GapClass>| match class {
        Some(class) => view! { <GapTag class/> }.into_any(),
        None => view! { <span class="muted">{words.not_there()}</span> }.into_any(),
    };
    let rows = list
        .into_iter()
        .map(|one| {
            let was = one.before.is_some_and(GapClass::is_gap);
            let is = one.after.is_some_and(GapClass::is_gap);
            let verdict = match (was, is) {
                (true, false) => words.gap_closed(),
                (false, true) => words.gap_opened(),
                _ => words.gap_changed(),
            };
            let projects = one
                .projects
                .into_iter()
                .map(|project| {
                    let title = if project.title.is_empty() {
                        view! { <span class="muted">{words.project_hidden(project.bureau)}</span> }.into_any()
                    } else {
                        view! { <a href=format!("/leads/{}", project.lead_id)>{project.title}</a> }.into_any()
                    };
                    view! { <span>{title}" "<StageTag stage=project.stage/></span>" " }
                })
                .collect_view();
            view! {
                <tr>
                    <td><a href=format!("/chains/{chain_id}?node={}", one.node_id)>{one.name}</a></td>
                    <td>{verdict}</td>
                    <td>{class(one.before)}</td>
                    <td>{class(one.after)}</td>
                    <td>{projects}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label=words.what_moved()>
            <table class="table">
                <thead><tr>
                    <th>{words.node()}</th><th>{words.gap()}</th><th>{words.before()}</th><th>{words.after()}</th><th>{words.by_project()}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
