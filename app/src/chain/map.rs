//! The gap map: drawn on the server as SVG, whole before any script has loaded.

use std::{collections::HashMap, sync::Arc};

use domain::chain::{ChainMap, FoldKey, GapClass, SizeBasis, groups};
use leptos::{ev, prelude::*, task::spawn_local};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::{
    chain_map,
    drawing::{Drawing, faces},
    panel::Panel,
    picture,
    viewport::{MapState, Owner, Viewport, focus_node, folded_size},
};
use crate::{
    component::{Icon, PageTitle, load_by_id, use_toasts},
    find::keys::{Act, is_for},
    format,
    words::use_words,
};

/// The map of one chain, with the chosen node's panel beside it.
#[component]
pub fn ChainMapPage() -> impl IntoView {
    load_by_id(chain_map, |map, _| view! { <Map map/> }.into_any())
}

#[component]
fn Map(map: ChainMap) -> impl IntoView {
    let words = use_words();
    let query = use_query_map();
    let navigate = use_navigate();
    let toasts = use_toasts();
    let chain_id = map.summary.id;
    let chosen = Memo::new(move |_| {
        query.with(|query| query.get("node").and_then(|id| id.parse::<i64>().ok()))
    });
    let state = MapState::new(chosen);
    let choose = Callback::new(move |node: Option<i64>| {
        let to = match node {
            Some(node) => format!("/chains/{chain_id}?node={node}"),
            None => format!("/chains/{chain_id}"),
        };
        navigate(
            &to,
            NavigateOptions {
                scroll: false,
                ..NavigateOptions::default()
            },
        );
    });
    let map = Arc::new(map);
    // Escape closes the panel, wherever the focus is; in a dialog it closes the dialog.
    let keys = window_event_listener(ev::keydown, move |event| {
        if is_for(&event, Act::ClosePanel)
            && chosen.get_untracked().is_some()
            && document()
                .query_selector("dialog[open]")
                .ok()
                .flatten()
                .is_none()
        {
            choose.run(None);
        }
    });
    on_cleanup(move || keys.remove());
    let basis = match map.basis {
        SizeBasis::Size => words.basis_revenue(),
        SizeBasis::One => words.basis_one(),
    };
    let facts = words.map_facts(
        map.summary.node_count,
        map.summary.edge_count,
        map.summary.local_firms,
        map.summary.chief.clone().unwrap_or_else(|| "—".to_owned()),
    );
    let reference = words.map_reference(
        format::count(map.reference_firms),
        format!("{:.0}", map.matched_share * 100.0),
        basis,
        format::moment(map.computed_at),
    );
    let name = map.summary.name.clone();
    let save_png = {
        let file = format!("{name}.png");
        move |_| {
            let file = file.clone();
            spawn_local(async move {
                if picture::save(&format!("/chains/{chain_id}/map.svg"), &file)
                    .await
                    .is_none()
                {
                    toasts.failed(words.png_failed().to_owned());
                }
            });
        }
    };
    let size = folded_size(Arc::clone(&map), state);
    let find_first = {
        let map = Arc::clone(&map);
        move || {
            let text = domain::text::fold(&state.find.get_untracked());
            let hit = map
                .nodes
                .iter()
                .find(|node| !text.is_empty() && domain::text::fold(&node.name).contains(&text));
            let place =
                hit.and_then(|hit| map.layout.nodes.iter().find(|place| place.id == hit.id));
            if let Some(place) = place {
                // A node in a folded box has no place of its own in the picture.
                state.folds.update(std::collections::BTreeSet::clear);
                let middle = (place.x + place.width / 2.0, place.y + place.height / 2.0);
                let id = place.id;
                request_animation_frame(move || {
                    state.reveal(middle, size.get_untracked());
                    request_animation_frame(move || focus_node(id));
                });
            }
        }
    };
    let shown = faces(&map);
    let stage = if map.nodes.is_empty() {
        view! { <div class="empty"><Icon name="i-chain"/><b>{words.no_nodes()}</b><p>{words.no_nodes_hint()}</p></div> }
            .into_any()
    } else {
        let map = Arc::clone(&map);
        view! {
            <Viewport state size>
                <Drawing map faces=Signal::stored(shown) state choose/>
            </Viewport>
        }
        .into_any()
    };
    view! {
        <PageTitle text=words.map_title(name.clone())/>
        <main class="chain-map split fold" id="main">
            <div class="page">
                <div class="page-head">
                    <h1>{name}</h1>
                    <details class="drop">
                        <summary class="btn small">{words.other_chain()}<Icon name="i-down"/></summary>
                        <div class="menu">
                            {map.chains.iter().cloned().map(|(id, name)| view! {
                                <a href=format!("/chains/{id}") aria-current=(id == chain_id).then_some("true")>{name}</a>
                            }).collect_view()}
                        </div>
                    </details>
                    <p class="sub">{facts}</p>
                    <div class="end">
                        <a class="btn small" href=format!("/chains/{chain_id}/what-if")>{words.what_if()}</a>
                        <a class="btn small" href=format!("/chains/{chain_id}/history")>{words.history()}</a>
                        <a class="btn small" href=format!("/chains/{chain_id}/edit")>{words.edit_chain()}</a>
                        <a class="btn small" href=format!("/chains/{chain_id}/review")>{words.review_queue()}</a>
                        <details class="drop">
                            <summary class="btn small">{words.export()}<Icon name="i-down"/></summary>
                            <div class="menu">
                                <a href=format!("/chains/{chain_id}/map.svg") rel="external" download="">{words.export_svg()}</a>
                                <button type="button" on:click=save_png>{words.export_png()}</button>
                                <a href=format!("/chains/{chain_id}/chain.xlsx") rel="external" download="">{words.export_file("XLSX")}</a>
                                <a href=format!("/chains/{chain_id}/chain.csv") rel="external" download="">{words.export_file("CSV")}</a>
                                <a href=format!("/chains/{chain_id}/chain.json") rel="external" download="">{words.export_file("JSON")}</a>
                                <button type="button" on:click=move |_| { let _ = window().print(); }>{words.print_a3()}</button>
                            </div>
                        </details>
                    </div>
                </div>
                <div class="toolbar" role="group" aria-label=words.filter_by_class()>
                    <Chips counts=map.summary.classes.clone() state/>
                    <span class="sep"></span>
                    <Owners bureaus=map.bureaus.clone() state/>
                    <Groups found=groups(&map) state/>
                    <div class="end">
                        <label class="search compact">
                            <Icon name="i-search"/>
                            <span class="vh">{words.find_in_map()}</span>
                            <input type="search" id="map-find" placeholder=words.find_in_map_hint()
                                on:input=move |event| state.find.set(event_target_value(&event))
                                on:keydown=move |event| if event.key() == "Enter" {
                                    event.prevent_default();
                                    find_first();
                                }/>
                        </label>
                    </div>
                </div>
                <div class="stagebox">
                    {stage}
                    <Legend counts=map.summary.classes.clone() reference/>
                </div>
            </div>
            {move || chosen.get().map(|node_id| view! { <Panel node_id choose/> })}
        </main>
    }
}

/// A chip for each class with its count: pressed, its nodes are in the light.
#[component]
fn Chips(counts: Vec<(GapClass, u32)>, state: MapState) -> impl IntoView {
    let words = use_words();
    let counts: HashMap<&'static str, u32> = counts
        .into_iter()
        .map(|(class, count)| (class.key(), count))
        .collect();
    GapClass::ALL
        .into_iter()
        .map(|class| {
            let key = class.key();
            let shown = move || !state.hidden.with(|hidden| hidden.contains(key));
            view! {
                <button
                    type="button"
                    class="chip"
                    aria-pressed=move || shown().to_string()
                    on:click=move |_| state.hidden.update(|hidden| {
                        if !hidden.remove(key) {
                            hidden.insert(key);
                        }
                    })
                >
                    <span class="gap" data-gap=key>
                        <svg aria-hidden="true"><use href=format!("#gap-{key}")></use></svg>
                    </span>
                    {words.gap_class(class)} " " <b>{counts.get(key).copied().unwrap_or(0)}</b>
                </button>
            }
        })
        .collect_view()
}

/// Whose leads a node must have.
#[component]
fn Owners(bureaus: Vec<(i64, String)>, state: MapState) -> impl IntoView {
    let words = use_words();
    let choose = move |event| {
        let value = event_target_value(&event);
        state.owner.set(match value.as_str() {
            "followed" => Owner::Followed,
            "nobody" => Owner::Nobody,
            other => other.parse().map_or(Owner::Any, Owner::Bureau),
        });
    };
    view! {
        <label>
            <span class="vh">{words.filter_by_owner()}</span>
            <select class="input small" on:change=choose>
                <option value="">{words.any_owner()}</option>
                <option value="followed">{words.with_leads()}</option>
                <option value="nobody">{words.followed_by_nobody()}</option>
                {bureaus.into_iter().map(|(id, name)| view! {
                    <option value=id.to_string()>{words.followed_by(name)}</option>
                }).collect_view()}
            </select>
        </label>
    }
}

/// What can be folded into one box.
#[component]
fn Groups(found: Vec<(FoldKey, u32)>, state: MapState) -> impl IntoView {
    let words = use_words();
    let all: std::collections::BTreeSet<FoldKey> = found
        .iter()
        .map(|(key, _)| key.clone())
        .filter(|key| key.group.is_some())
        .collect();
    let has_groups = !all.is_empty();
    let rows = found
        .into_iter()
        .map(|(key, count)| {
            let stage = words.stream(key.stage);
            let name = key
                .group
                .as_ref()
                .map_or_else(|| stage.to_owned(), |group| format!("{stage} · {group}"));
            let held = key.clone();
            let is_folded = move || state.folds.with(|folds| folds.contains(&held));
            view! {
                <label class="check">
                    <input type="checkbox" prop:checked=is_folded on:change=move |_| {
                        let key = key.clone();
                        state.folds.update(|folds| {
                            if !folds.remove(&key) {
                                folds.insert(key);
                            }
                        });
                    }/>
                    <span>{name}</span> <span class="muted">{words.node_count(count)}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <details class="drop">
            <summary class="btn small">{words.fold_groups()}<Icon name="i-down"/></summary>
            <div class="menu">
                {rows}
                {has_groups.then(|| view! {
                    <button type="button" on:click=move |_| state.folds.set(all.clone())>{words.fold_all()}</button>
                })}
                <button type="button" on:click=move |_| state.folds.update(std::collections::BTreeSet::clear)>{words.unfold_all()}</button>
            </div>
        </details>
    }
}

/// How to read the map, with the count of each class.
#[component]
fn Legend(counts: Vec<(GapClass, u32)>, reference: String) -> impl IntoView {
    let words = use_words();
    view! {
        <aside class="legend below">
            <h2>{words.legend()}</h2>
            <ul>
                {counts.into_iter().map(|(class, count)| view! {
                    <li>
                        <svg class="sw" viewBox="0 0 34 20" aria-hidden="true">
                            <g class="node" data-gap=class.key()>
                                <rect class="box" x="1" y="1" width="32" height="18"></rect>
                                <use href=format!("#gap-{}", class.key()) x="10.5" y="3.5" width="13" height="13"></use>
                            </g>
                        </svg>
                        <span><b>{words.gap_class(class)}</b><small>{words.gap_rule(class)}</small></span>
                        <span class="n">{count}</span>
                    </li>
                }).collect_view()}
            </ul>
            <p>{words.legend_note()}</p>
            <p>{reference}</p>
        </aside>
    }
}
