//! The gap map: drawn on the server as SVG, whole before any script has loaded.

use std::collections::{HashMap, HashSet};

use domain::chain::{ChainMap, GapClass, MapNode, NodeBox, SizeBasis};
use leptos::{ev, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::{chain_map, panel::Panel};
use crate::{
    component::{Icon, PageTitle, load_by_id},
    format,
    words::{Locale, use_words},
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
    let chain_id = map.summary.id;
    let chosen = Memo::new(move |_| {
        query.with(|query| query.get("node").and_then(|id| id.parse::<i64>().ok()))
    });
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
    let (hidden, set_hidden) = signal(HashSet::<&'static str>::new());
    let (find, set_find) = signal(String::new());
    let (zoom, set_zoom) = signal(1.0_f64);
    let (hovered, set_hovered) = signal(None::<i64>);
    let counts: HashMap<&'static str, u32> = map
        .summary
        .classes
        .iter()
        .map(|(class, count)| (class.key(), *count))
        .collect();
    let chips = GapClass::ALL
        .into_iter()
        .map(|class| {
            let key = class.key();
            let shown = move || !hidden.with(|hidden| hidden.contains(key));
            view! {
                <button
                    type="button"
                    class="chip"
                    aria-pressed=move || shown().to_string()
                    on:click=move |_| set_hidden.update(|hidden| {
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
        .collect_view();
    // Escape closes the panel, wherever the focus is.
    let escape = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" && chosen.get_untracked().is_some() {
            choose.run(None);
        }
    });
    on_cleanup(move || escape.remove());
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
    let chains = map.chains.clone();
    let name = map.summary.name.clone();
    view! {
        <PageTitle text=words.map_title(name.clone())/>
        <main class="chain-map split fold" id="main">
            <div class="page">
                <div class="page-head">
                    <h1>{name}</h1>
                    <details class="drop">
                        <summary class="btn small">{words.other_chain()}<Icon name="i-down"/></summary>
                        <div class="menu">
                            {chains.into_iter().map(|(id, name)| view! {
                                <a href=format!("/chains/{id}") aria-current=(id == chain_id).then_some("true")>{name}</a>
                            }).collect_view()}
                        </div>
                    </details>
                    <p class="sub">{facts}</p>
                </div>
                <div class="toolbar" role="group" aria-label=words.filter_by_class()>
                    {chips}
                    <div class="end">
                        <a class="btn small" href=format!("/chains/{chain_id}/what-if")>{words.what_if()}</a>
                        <a class="btn small" href=format!("/chains/{chain_id}/history")>{words.history()}</a>
                        <a class="btn small" href=format!("/chains/{chain_id}/edit")>{words.edit_chain()}</a>
                        <a class="btn small" href=format!("/chains/{chain_id}/review")>{words.review_queue()}</a>
                        <details class="drop">
                            <summary class="btn small">{words.export()}<Icon name="i-down"/></summary>
                            <div class="menu">
                                <a href=format!("/chains/{chain_id}/map.svg") rel="external" download="">{words.export_svg()}</a>
                                <a href=format!("/chains/{chain_id}/chain.xlsx") rel="external" download="">{words.export_file("XLSX")}</a>
                                <a href=format!("/chains/{chain_id}/chain.csv") rel="external" download="">{words.export_file("CSV")}</a>
                                <a href=format!("/chains/{chain_id}/chain.json") rel="external" download="">{words.export_file("JSON")}</a>
                                <button type="button" on:click=move |_| { let _ = window().print(); }>{words.print_a3()}</button>
                            </div>
                        </details>
                        <label class="search compact">
                            <Icon name="i-search"/>
                            <span class="vh">{words.find_in_map()}</span>
                            <input type="search" placeholder=words.find_in_map()
                                on:input=move |event| set_find.set(event_target_value(&event))/>
                        </label>
                    </div>
                </div>
                <div class="stagebox">
                    <Drawing map=map.clone() chosen hidden find zoom hovered set_hovered choose/>
                    <div class="zoom">
                        <span class="btns">
                            <button type="button" class="btn small icon" aria-label=words.zoom_out()
                                on:click=move |_| set_zoom.update(|zoom| *zoom = (*zoom / 1.2).max(0.5))>
                                <Icon name="i-minus"/>
                            </button>
                            <button type="button" class="btn small" aria-label=words.zoom_reset()
                                on:click=move |_| set_zoom.set(1.0)>
                                {move || format!("{:.0} %", zoom.get() * 100.0)}
                            </button>
                            <button type="button" class="btn small icon" aria-label=words.zoom_in()
                                on:click=move |_| set_zoom.update(|zoom| *zoom = (*zoom * 1.2).min(3.0))>
                                <Icon name="i-plus"/>
                            </button>
                        </span>
                    </div>
                    <Legend counts=map.summary.classes.clone() reference/>
                </div>
            </div>
            {move || chosen.get().map(|node_id| view! { <Panel node_id choose/> })}
        </main>
    }
}

/// The edges that can be reached from a node up and down, so that its paths can be lit.
fn lit_edges(edges: &[(i64, i64)], from: i64) -> HashSet<(i64, i64)> {
    let mut lit = HashSet::new();
    for forward in [true, false] {
        let mut front = vec![from];
        let mut seen = HashSet::from([from]);
        while let Some(node) = front.pop() {
            for (input, output) in edges {
                let (here, there) = if forward {
                    (input, output)
                } else {
                    (output, input)
                };
                if *here == node {
                    lit.insert((*input, *output));
                    if seen.insert(*there) {
                        front.push(*there);
                    }
                }
            }
        }
    }
    lit
}

/// The drawing of a map: layers, edges, nodes. Others than the map's page draw with it too.
#[component]
pub(crate) fn Drawing(
    map: ChainMap,
    chosen: Memo<Option<i64>>,
    hidden: ReadSignal<HashSet<&'static str>>,
    find: ReadSignal<String>,
    zoom: ReadSignal<f64>,
    hovered: ReadSignal<Option<i64>>,
    set_hovered: WriteSignal<Option<i64>>,
    choose: Callback<Option<i64>>,
) -> impl IntoView {
    let words = use_words();
    let layout = map.layout;
    let nodes: HashMap<i64, MapNode> = map.nodes.into_iter().map(|node| (node.id, node)).collect();
    let pairs: Vec<(i64, i64)> = layout
        .edges
        .iter()
        .map(|edge| (edge.from, edge.to))
        .collect();
    let lit = Memo::new(move |_| {
        hovered
            .get()
            .or_else(|| chosen.get())
            .map(|node| lit_edges(&pairs, node))
            .unwrap_or_default()
    });
    let bands = layout
        .bands
        .iter()
        .map(|band| {
            let of_band: Vec<&MapNode> = nodes.values().filter(|node| node.stage == band.stage).collect();
            let mut x = band.x_to;
            let counts = GapClass::ALL
                .into_iter()
                .rev()
                .filter_map(|class| {
                    let count = of_band.iter().filter(|node| node.class == class).count();
                    if count == 0 || matches!(class, GapClass::Present | GapClass::Blank) {
                        return None;
                    }
                    let at = x;
                    x -= 32.0;
                    Some(view! {
                        <g class=format!("c-{}", class.key())>
                            <text x=at.to_string() y="17" text-anchor="end">{count}</text>
                            <use href=format!("#gap-{}", class.key()) x=(at - 24.0).to_string() y="6" width="13" height="13"></use>
                        </g>
                    })
                })
                .collect_view();
            view! {
                <g class="band">
                    <path d=format!("M{} 26.5H{}", band.x_from, band.x_to)></path>
                    <text x=band.x_from.to_string() y="17">
                        <tspan class="t">{words.stream(band.stage)}</tspan>
                        <tspan dx="8">{words.node_count(of_band.len())}</tspan>
                    </text>
                    {counts}
                </g>
            }
        })
        .collect_view();
    let edges = layout
        .edges
        .iter()
        .map(|edge| {
            let key = (edge.from, edge.to);
            let is_lit = move || lit.with(|lit| lit.contains(&key));
            view! {
                <g class=move || if is_lit() { "edges lit" } else { "edges" }>
                    <path d=edge.path.clone() marker-end=move || if is_lit() { "url(#arr-lit)" } else { "url(#arr)" }></path>
                </g>
            }
        })
        .collect_view();
    let drawn = layout
        .nodes
        .iter()
        .filter_map(|place| {
            let node = nodes.get(&place.id)?.clone();
            Some(view! {
                <Node node place=place.clone() chosen hidden find set_hovered choose/>
            })
        })
        .collect_view();
    let (width, height) = (layout.width + 10.0, layout.height + 6.0);
    view! {
        <svg
            class="map"
            preserveAspectRatio="xMidYMin meet"
            viewBox=format!("-5 0 {width} {height}")
            role="group"
            aria-label=words.map_label(map.summary.name, map.summary.node_count)
            style=move || {
                let zoom = zoom.get();
                if (zoom - 1.0).abs() < 0.01 {
                    String::new()
                } else {
                    format!("inline-size:{}px;block-size:{}px", width * zoom, height * zoom)
                }
            }
        >
            <defs>
                <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <path d="M0 0v6" class="hatch"></path>
                </pattern>
                <marker id="arr" viewBox="0 0 6 6" refX="1" refY="3" markerWidth="6" markerHeight="6" markerUnits="userSpaceOnUse" orient="auto">
                    <path d="M0 0l6 3-6 3z" class="head"></path>
                </marker>
                <marker id="arr-lit" viewBox="0 0 6 6" refX="1" refY="3" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">
                    <path d="M0 0l6 3-6 3z" class="head lit"></path>
                </marker>
            </defs>
            {bands}
            {edges}
            {drawn}
        </svg>
    }
}

/// What a node says to those who cannot see the map.
fn label(words: Locale, node: &MapNode) -> String {
    let class = words.gap_class(node.class);
    match node.score {
        Some(score) => words.node_label_scored(
            node.name.clone(),
            class,
            format!("{score:.1}"),
            node.local_firms,
        ),
        None => words.node_label(node.name.clone(), class, node.local_firms),
    }
}

#[component]
fn Node(
    node: MapNode,
    place: NodeBox,
    chosen: Memo<Option<i64>>,
    hidden: ReadSignal<HashSet<&'static str>>,
    find: ReadSignal<String>,
    set_hovered: WriteSignal<Option<i64>>,
    choose: Callback<Option<i64>>,
) -> impl IntoView {
    let words = use_words();
    let (id, key) = (node.id, node.class.key());
    let text = label(words, &node);
    let name = node.name.clone();
    let off = move || {
        let out = hidden.with(|hidden| hidden.contains(key))
            || find.with(|find| {
                let find = domain::text::fold(find);
                !find.is_empty() && !domain::text::fold(&name).contains(&find)
            });
        out.then_some("true")
    };
    let cover = node.cover.filter(|_| node.local_firms > 0);
    let figure = match (node.class, node.score) {
        (GapClass::Unknown, _) => words.waits_for_data().to_owned(),
        (_, Some(score)) => format!("{score:.1}"),
        (_, None) => String::new(),
    };
    let firms = (node.class != GapClass::Unknown).then(|| words.firm_count(node.local_firms));
    let (width, height) = (place.width, place.height);
    view! {
        <g
            class="node"
            data-gap=key
            data-off=off
            data-node=node.code.clone()
            role="button"
            tabindex="0"
            aria-pressed=move || (chosen.get() == Some(id)).to_string()
            aria-label=text
            transform=format!("translate({} {})", place.x, place.y)
            on:mouseenter=move |_| set_hovered.set(Some(id))
            on:mouseleave=move |_| set_hovered.set(None)
            on:focus=move |_| set_hovered.set(Some(id))
            on:blur=move |_| set_hovered.set(None)
            on:click=move |_| choose.run(Some(id))
            on:keydown=move |event| {
                if matches!(event.key().as_str(), "Enter" | " ") {
                    event.prevent_default();
                    choose.run(Some(id));
                }
            }
        >
            {move || (chosen.get() == Some(id)).then(|| view! {
                <rect class="sel" x="-4" y="-4" width=(width + 8.0).to_string() height=(height + 8.0).to_string()></rect>
            })}
            <rect class="box" width=width.to_string() height=height.to_string()></rect>
            <text class="name" x="7" y="18">{node.name.clone()}</text>
            <use href=format!("#gap-{key}") x="7" y="25" width="13" height="13"></use>
            <text class="g" x="25" y="36">{figure}</text>
            <text class="f" x=(width - 7.0).to_string() y="36">{firms}</text>
            {cover.map(|cover| view! {
                <rect class="cov0" y=(height - 4.0).to_string() width=width.to_string() height="4"></rect>
                <rect class="cov" y=(height - 4.0).to_string() width=(width * cover.clamp(0.0, 1.0)).to_string() height="4"></rect>
            })}
            {(node.open_leads > 0).then(|| view! {
                <rect class="ld" x=(width - 14.0).to_string() y="-10" width="17" height="15"></rect>
                <text class="ldn" x=(width - 5.5).to_string() y="1.8">{node.open_leads}</text>
            })}
        </g>
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
