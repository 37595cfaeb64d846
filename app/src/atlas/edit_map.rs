//! A draft as a drawing: nodes and edges are opened, joined and removed where they stand.

use std::collections::HashMap;

use domain::chain::{ChainEdge, ChainEdit, ChainFile, ChainNode, LayoutNode, layout};
use leptos::{ev, prelude::*};

use super::edit::{Edits, Open, OpenEdge, removal};
use crate::{
    chain::{MapState, Viewport, WHOLE_NODES, drawn_size, drawn_style},
    component::Icon,
    words::use_words,
};

/// The draft's map. Enter opens what has the focus, `C` begins an edge at a node and Enter ends it at another one,
/// Delete removes.
#[component]
pub(super) fn DraftMap(
    file: ChainFile,
    may: bool,
    edits: Edits,
    open: Open,
    open_edge: OpenEdge,
    state: MapState,
) -> impl IntoView {
    let words = use_words();
    if file.nodes.len() > WHOLE_NODES {
        return view! { <section class="panel"><header><h2>{words.draft_map()}</h2></header><p class="body muted">{words.too_large_to_draw(file.nodes.len())}</p></section> }
            .into_any();
    }
    // The node at which an edge begins, while its end is looked for.
    let from = RwSignal::new(None::<String>);
    let ids: HashMap<&str, i64> = file
        .nodes
        .iter()
        .zip(0..)
        .map(|(node, id)| (node.code.as_str(), id))
        .collect();
    let places: Vec<LayoutNode> = file
        .nodes
        .iter()
        .zip(0_u32..)
        .map(|(node, order)| LayoutNode {
            id: i64::from(order),
            stage: node.stage,
            order,
        })
        .collect();
    let by_ends: HashMap<(i64, i64), ChainEdge> = file
        .edges
        .iter()
        .filter_map(|edge| {
            let ends = (*ids.get(edge.from.as_str())?, *ids.get(edge.to.as_str())?);
            Some((ends, edge.clone()))
        })
        .collect();
    let pairs: Vec<(i64, i64)> = file
        .edges
        .iter()
        .filter_map(|edge| Some((*ids.get(edge.from.as_str())?, *ids.get(edge.to.as_str())?)))
        .collect();
    let drawn = layout(&places, &pairs);
    let size = drawn_size(&drawn);
    let name_of = |code: &str| {
        file.nodes
            .iter()
            .find(|node| node.code == code)
            .map_or_else(|| code.to_owned(), |node| node.name.clone())
    };
    let bands = drawn
        .bands
        .iter()
        .map(|band| {
            view! {
                <g class="band">
                    <path d=format!("M{} 26.5H{}", band.x_from, band.x_to)></path>
                    <text x=band.x_from.to_string() y="17"><tspan class="t">{words.stream(band.stage)}</tspan></text>
                </g>
            }
        })
        .collect_view();
    let edges = drawn
        .edges
        .iter()
        .filter_map(|line| {
            let edge = by_ends.get(&(line.from, line.to))?.clone();
            let label = words.edge_label(name_of(&edge.from), name_of(&edge.to));
            let (opened, gone) = (edge.clone(), edge);
            let by_key = opened.clone();
            Some(view! {
                <g class="edges editable" role="button" tabindex="0" aria-label=label
                    on:click=move |_| if may { open_edge.set(Some(opened.clone())) }
                    on:keydown=move |event: ev::KeyboardEvent| match event.key().as_str() {
                        "Enter" if may => {
                            event.prevent_default();
                            open_edge.set(Some(by_key.clone()));
                        }
                        "Delete" if may => edits.run(vec![ChainEdit::RemoveEdge { before: gone.clone() }]),
                        _ => {}
                    }
                >
                    <path class="hit" d=line.path.clone()></path>
                    <path d=line.path.clone() marker-end="url(#arr)"></path>
                </g>
            })
        })
        .collect_view();
    let nodes = drawn
        .nodes
        .iter()
        .filter_map(|place| {
            let node = usize::try_from(place.id)
                .ok()
                .and_then(|id| file.nodes.get(id))?
                .clone();
            let gone = removal(&file, &node);
            let transform = format!("translate({} {})", place.x, place.y);
            let size = (place.width, place.height);
            Some(view! { <DraftNode node gone transform size may edits open from/> })
        })
        .collect_view();
    view! {
        <section class="panel">
            <header>
                <h2>{words.draft_map()}</h2>
                {may.then(|| view! { <span class="sub">{words.draft_map_sub()}</span> })}
                {may.then(|| view! {
                    <span class="end">
                        {move || from.with(Option::is_some).then(|| view! {
                            <span class="small text-warn" role="status">{words.choose_end()}</span>
                            <button type="button" class="btn small" on:click=move |_| from.set(None)>{words.cancel()}</button>
                        })}
                        <button type="button" class="btn small" on:click=move |_| open.set(Some(None))><Icon name="i-plus"/>{words.add_node()}</button>
                    </span>
                })}
            </header>
            <div class="chain-map draft">
                <div class="stagebox">
                    <Viewport state size=Signal::stored(size)>
                        <svg class="map" preserveAspectRatio="xMidYMin meet" viewBox=format!("-5 0 {} {}", size.0, size.1)
                            role="group" aria-label=words.draft_map()
                            style=move || drawn_style(state.scale.get(), size)
                        >
                            <defs>
                                <marker id="arr" viewBox="0 0 6 6" refX="1" refY="3" markerWidth="6" markerHeight="6" markerUnits="userSpaceOnUse" orient="auto">
                                    <path d="M0 0l6 3-6 3z" class="head"></path>
                                </marker>
                            </defs>
                            {bands}{edges}{nodes}
                        </svg>
                    </Viewport>
                </div>
            </div>
        </section>
    }
    .into_any()
}

/// One node with all that can be done to it.
#[component]
fn DraftNode(
    node: ChainNode,
    gone: ChainEdit,
    transform: String,
    size: (f64, f64),
    may: bool,
    edits: Edits,
    open: Open,
    from: RwSignal<Option<String>>,
) -> impl IntoView {
    let words = use_words();
    let (width, height) = size;
    let name = node.name.clone();
    let label = name.clone();
    let below = node.group.clone().unwrap_or_else(|| node.code.clone());
    let code = StoredValue::new(node.code.clone());
    let act = Callback::new(move |()| {
        if !may {
            return;
        }
        match from.get_untracked() {
            // An edge from a node to itself is nobody's wish: the second click takes the first one back.
            Some(begun) if code.with_value(|code| *code == begun) => from.set(None),
            Some(begun) => {
                from.set(None);
                edits.run(vec![ChainEdit::PutEdge {
                    before: None,
                    after: ChainEdge {
                        from: begun,
                        to: code.get_value(),
                        coefficient: None,
                    },
                    at: None,
                }]);
            }
            None => open.set(Some(Some(node.clone()))),
        }
    });
    let begin = move || {
        if may {
            from.set(Some(code.get_value()));
        }
    };
    let is_begun = move || from.with(|from| code.with_value(|code| from.as_ref() == Some(code)));
    view! {
        <g class="node draft" role="button" tabindex="0" aria-label=label
            data-begun=move || is_begun().then_some("true")
            transform=transform
            on:click=move |_| act.run(())
            on:keydown=move |event: ev::KeyboardEvent| {
                if event.ctrl_key() || event.meta_key() {
                    return;
                }
                match event.key().as_str() {
                    "Enter" | " " => act.run(()),
                    "c" | "C" => begin(),
                    "Escape" => from.set(None),
                    "Delete" if may => edits.run(vec![gone.clone()]),
                    _ => return,
                }
                event.prevent_default();
            }
        >
            <rect class="box" width=width.to_string() height=height.to_string()></rect>
            <text class="name" x="7" y="18">{name}</text>
            <text class="g" x="7" y="36">{below}</text>
            {may.then(|| view! {
                <g class="join" aria-hidden="true" transform=format!("translate({} {})", width - 22.0, height - 20.0)
                    on:click=move |event| { event.stop_propagation(); begin(); }
                >
                    <title>{words.begin_edge()}</title>
                    <rect width="18" height="16"></rect>
                    <path d="M4 8h9M10 5l3 3-3 3"></path>
                </g>
            })}
        </g>
    }
}
