//! The drawing of a map: bands, edges, nodes, boxes that stand for several. A large map is drawn in outline from afar,
//! and from near only where one looks.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
    sync::Arc,
};

use domain::chain::{
    Band, ChainMap, EdgePath, FoldKey, Folded, FoldedNode, GapClass, Layout, MapNode, NodeBox,
    folded,
};
use leptos::{ev, prelude::*};

use super::viewport::{
    MapState, NEAR_SCALE, Owner, WHOLE_NODES, drawn_size, focus_input, focus_node, in_part, style,
};
use crate::{
    find::keys::{Act, Scope, pressed},
    words::{Locale, use_words},
};

/// The nodes of a map by id: what is drawn of them may change while their places stay.
pub(crate) type Faces = Arc<HashMap<i64, MapNode>>;

/// The nodes of a map by id.
pub(crate) fn faces(map: &ChainMap) -> Faces {
    Arc::new(
        map.nodes
            .iter()
            .map(|node| (node.id, node.clone()))
            .collect(),
    )
}

/// Input and output node.
type Ends = (i64, i64);

/// The edges that can be reached from a node up and down, so that its paths can be lit.
fn lit_edges(edges: &[Ends], from: i64) -> HashSet<Ends> {
    let mut lit = HashSet::new();
    for forward in [true, false] {
        let mut next: HashMap<i64, Vec<(i64, Ends)>> = HashMap::new();
        for edge in edges {
            let (here, there) = if forward {
                (edge.0, edge.1)
            } else {
                (edge.1, edge.0)
            };
            next.entry(here).or_default().push((there, *edge));
        }
        let mut front = vec![from];
        let mut seen = HashSet::from([from]);
        while let Some(node) = front.pop() {
            for (there, edge) in next.get(&node).into_iter().flatten() {
                lit.insert(*edge);
                if seen.insert(*there) {
                    front.push(*there);
                }
            }
        }
    }
    lit
}

/// Where the arrow keys lead from a node: left and right along its edges, up and down in its column.
fn neighbour(layout: &Layout, from: i64, key: &str) -> Option<i64> {
    let here = layout.nodes.iter().find(|place| place.id == from)?;
    let by_height = |candidates: &mut dyn Iterator<Item = &NodeBox>| {
        candidates
            .min_by(|one, two| (one.y - here.y).abs().total_cmp(&(two.y - here.y).abs()))
            .map(|place| place.id)
    };
    let ends = |input: bool| -> HashSet<i64> {
        layout
            .edges
            .iter()
            .filter(|edge| from == if input { edge.to } else { edge.from })
            .map(|edge| if input { edge.from } else { edge.to })
            .collect()
    };
    match key {
        "ArrowLeft" | "ArrowRight" => {
            let ends = ends(key == "ArrowLeft");
            by_height(&mut layout.nodes.iter().filter(|place| ends.contains(&place.id)))
        }
        "ArrowUp" | "ArrowDown" => {
            let up = key == "ArrowUp";
            by_height(&mut layout.nodes.iter().filter(|place| {
                place.layer == here.layer
                    && if up {
                        place.y < here.y
                    } else {
                        place.y > here.y
                    }
            }))
        }
        _ => None,
    }
}

/// The drawing of a map, folded as its reader wants. Others than the map's page draw with it too: `faces` says how
/// the nodes look at the moment.
#[component]
pub(crate) fn Drawing(
    map: Arc<ChainMap>,
    #[prop(into)] faces: Signal<Faces>,
    state: MapState,
    choose: Callback<Option<i64>>,
    /// Told when something is dropped on a node.
    #[prop(optional)]
    dropped: Option<Callback<i64>>,
) -> impl IntoView {
    let words = use_words();
    let whole = Arc::clone(&map);
    let picture = Memo::new(move |_| Arc::new(state.folds.with(|folds| folded(&whole, folds))));
    let label = words.map_label(map.summary.name.clone(), map.summary.node_count);
    move || {
        let folded = picture.get();
        let size = drawn_size(&folded.layout);
        // Fitted into its box, a map of this many nodes is too small to be read.
        let is_crowded = folded.layout.nodes.len() > 150;
        let content = if folded.layout.nodes.len() > WHOLE_NODES {
            view! { <Large map=Arc::clone(&map) folded faces state choose/> }.into_any()
        } else {
            view! { <Whole map=Arc::clone(&map) folded faces state choose dropped/> }.into_any()
        };
        view! {
            <svg
                class="map"
                preserveAspectRatio="xMidYMin meet"
                viewBox=format!("-5 0 {} {}", size.0, size.1)
                role="group"
                aria-label=label.clone()
                style=move || style(state.scale.get(), size)
                data-detail=move || if state.scale.get().map_or(is_crowded, |scale| scale < NEAR_SCALE) { "far" } else { "near" }
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
                {content}
            </svg>
        }
    }
}

/// All of a map at once: bands, edges, nodes.
#[component]
fn Whole(
    map: Arc<ChainMap>,
    folded: Arc<Folded>,
    faces: Signal<Faces>,
    state: MapState,
    choose: Callback<Option<i64>>,
    dropped: Option<Callback<i64>>,
) -> impl IntoView {
    let lit = lit(&folded, state);
    let edges = folded
        .layout
        .edges
        .iter()
        .map(|edge| view! { <Edge edge=edge.clone() lit/> })
        .collect_view();
    let nodes = folded
        .layout
        .nodes
        .iter()
        .map(|place| drawn(&folded, place, faces, state, choose, dropped))
        .collect_view();
    view! { <Bands map folded faces state/> {edges} {nodes} }
}

/// What the paths of the node in hand light up.
fn lit(folded: &Folded, state: MapState) -> Memo<HashSet<Ends>> {
    let pairs: Vec<Ends> = folded
        .layout
        .edges
        .iter()
        .map(|edge| (edge.from, edge.to))
        .collect();
    Memo::new(move |_| {
        state
            .hovered
            .get()
            .or_else(|| state.chosen.get())
            .map(|node| lit_edges(&pairs, node))
            .unwrap_or_default()
    })
}

/// A node, or the box that stands for several.
fn drawn(
    folded: &Arc<Folded>,
    place: &NodeBox,
    faces: Signal<Faces>,
    state: MapState,
    choose: Callback<Option<i64>>,
    dropped: Option<Callback<i64>>,
) -> AnyView {
    let steps = {
        let folded = Arc::clone(folded);
        Callback::new(move |(from, key): (i64, String)| {
            if let Some(next) = neighbour(&folded.layout, from, &key) {
                focus_node(next);
            }
        })
    };
    match folded.boxes.iter().find(|one| one.id == place.id) {
        Some(one) => {
            view! { <Several one=one.clone() place=place.clone() faces state steps/> }.into_any()
        }
        None => view! { <Node place=place.clone() faces state choose dropped steps/> }.into_any(),
    }
}

#[component]
fn Edge(edge: EdgePath, lit: Memo<HashSet<Ends>>) -> impl IntoView {
    let key = (edge.from, edge.to);
    let is_lit = Memo::new(move |_| lit.with(|lit| lit.contains(&key)));
    view! {
        <g class=move || if is_lit.get() { "edges lit" } else { "edges" }>
            <path d=edge.path marker-end=move || if is_lit.get() { "url(#arr-lit)" } else { "url(#arr)" }></path>
        </g>
    }
}

/// A large map: outlines from afar; from near the nodes and edges of the part in view.
#[component]
fn Large(
    map: Arc<ChainMap>,
    folded: Arc<Folded>,
    faces: Signal<Faces>,
    state: MapState,
    choose: Callback<Option<i64>>,
) -> impl IntoView {
    let near = Memo::new(move |_| state.scale.get().is_some_and(|scale| scale >= NEAR_SCALE));
    let lit = lit(&folded, state);
    let lines = folded
        .layout
        .edges
        .iter()
        .fold(String::new(), |mut all, edge| {
            all.push_str(&edge.path);
            all
        });
    let places = Arc::clone(&folded);
    let outlines = move || {
        let faces = faces.get();
        GapClass::ALL
            .into_iter()
            .map(|class| {
                let mut path = String::new();
                for place in &places.layout.nodes {
                    let of_class = faces
                        .get(&place.id)
                        .is_some_and(|node| node.class == class && !is_off(state, node));
                    if of_class {
                        let _ = write!(
                            path,
                            "M{} {}h{}v{}h-{}z",
                            place.x, place.y, place.width, place.height, place.width
                        );
                    }
                }
                view! { <g class="node" data-gap=class.key()><path class="box" d=path></path></g> }
            })
            .collect_view()
    };
    let seen = Arc::clone(&folded);
    let part = move || {
        if !near.get() {
            return view! { <g class="edges far"><path d=lines.clone()></path></g> {outlines()} }
                .into_any();
        }
        let part = state.part.get();
        let inside: HashSet<i64> = seen
            .layout
            .nodes
            .iter()
            .filter(|place| in_part(part, place.x, place.y))
            .map(|place| place.id)
            .collect();
        let edges = seen
            .layout
            .edges
            .iter()
            .filter(|edge| inside.contains(&edge.from) || inside.contains(&edge.to))
            .map(|edge| view! { <Edge edge=edge.clone() lit/> })
            .collect_view();
        let nodes = seen
            .layout
            .nodes
            .iter()
            .filter(|place| inside.contains(&place.id))
            .map(|place| drawn(&seen, place, faces, state, choose, None))
            .collect_view();
        view! { {edges} {nodes} }.into_any()
    };
    view! { <Bands map folded faces state/> {part} }
}

/// The names of the bands, each with its counts. A band is a button: it folds.
#[component]
fn Bands(
    map: Arc<ChainMap>,
    folded: Arc<Folded>,
    faces: Signal<Faces>,
    state: MapState,
) -> impl IntoView {
    let words = use_words();
    folded
        .layout
        .bands
        .iter()
        .map(|band| {
            let band = band.clone();
            let stage = band.stage;
            let of_band: Vec<i64> = map
                .nodes
                .iter()
                .filter(|node| node.stage == stage)
                .map(|node| node.id)
                .collect();
            let count = of_band.len();
            let (from, until) = (band.x_from, band.x_to);
            let counts = move || band_counts(&faces.get(), &of_band, &band);
            let fold = move || {
                let key = FoldKey { stage, group: None };
                state.folds.update(|folds| {
                    if !folds.remove(&key) {
                        folds.insert(key);
                    }
                });
                // The drawing is made anew; the band's name takes the focus again.
                request_animation_frame(move || focus_input(&format!("[data-band='{}']", stage.code())));
            };
            view! {
                <g class="band" data-band=stage.code() role="button" tabindex="0" aria-label=words.fold_stage(words.stream(stage))
                    on:click=move |_| fold()
                    on:keydown=move |event: ev::KeyboardEvent| {
                        if matches!(event.key().as_str(), "Enter" | " ") {
                            event.prevent_default();
                            fold();
                        }
                    }
                >
                    <rect class="hit" x=from.to_string() y="0" width=(until - from).to_string() height="27"></rect>
                    <path d=format!("M{from} 26.5H{until}")></path>
                    <text x=from.to_string() y="17">
                        <tspan class="t">{words.stream(stage)}</tspan>
                        <tspan dx="8">{words.node_count(count)}</tspan>
                    </text>
                    {counts}
                </g>
            }
        })
        .collect_view()
}

fn band_counts(faces: &Faces, of_band: &[i64], band: &Band) -> impl IntoView + use<> {
    let mut x = band.x_to;
    GapClass::ALL
        .into_iter()
        .rev()
        .filter_map(|class| {
            let count = of_band
                .iter()
                .filter(|id| faces.get(id).is_some_and(|node| node.class == class))
                .count();
            // A folded band has room for its name alone.
            if count == 0
                || matches!(class, GapClass::Present | GapClass::Blank)
                || x < band.x_from + 120.0
            {
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
        .collect_view()
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

/// Whether the reader's filters leave a node in the dark.
fn is_off(state: MapState, node: &MapNode) -> bool {
    let by_class = state
        .hidden
        .with(|hidden| hidden.contains(node.class.key()));
    let by_owner = match state.owner.get() {
        Owner::Any => false,
        Owner::Followed => node.open_leads == 0,
        Owner::Nobody => node.open_leads > 0,
        Owner::Bureau(bureau) => !node.bureaus.contains(&bureau),
    };
    by_class
        || by_owner
        || state.find.with(|find| {
            let find = domain::text::fold(find);
            !find.is_empty() && !domain::text::fold(&node.name).contains(&find)
        })
}

#[component]
fn Node(
    place: NodeBox,
    faces: Signal<Faces>,
    state: MapState,
    choose: Callback<Option<i64>>,
    dropped: Option<Callback<i64>>,
    steps: Callback<(i64, String)>,
) -> impl IntoView {
    let words = use_words();
    let id = place.id;
    let face = Memo::new(move |_| faces.with(|faces| faces.get(&id).cloned()));
    let off = move || {
        face.with(|node| node.as_ref().is_some_and(|node| is_off(state, node)))
            .then_some("true")
    };
    let chosen = Memo::new(move |_| state.chosen.get() == Some(id));
    let over = RwSignal::new(false);
    let (width, height) = (place.width, place.height);
    let inside = move || {
        face.get().map(|node| {
            let key = node.class.key();
            let cover = node.cover.filter(|_| node.local_firms > 0);
            let figure = match (node.class, node.score) {
                (GapClass::Unknown, _) => words.waits_for_data().to_owned(),
                (_, Some(score)) => format!("{score:.1}"),
                (_, None) => String::new(),
            };
            let firms = (node.class != GapClass::Unknown).then(|| words.firm_count(node.local_firms));
            view! {
                <text class="name" x="7" y="18">{node.name.clone()}</text>
                <use href=format!("#gap-{key}") x="7" y="25" width="13" height="13"></use>
                <text class="g" x="25" y="36">{figure}</text>
                <text class="f" x=(width - 7.0).to_string() y="36">{firms}</text>
                {cover.map(|cover| view! {
                    <rect class="cov0" y=(height - 4.0).to_string() width=width.to_string() height="4"></rect>
                    <rect class="cov" y=(height - 4.0).to_string() width=(width * cover.clamp(0.0, 1.0)).to_string() height="4"></rect>
                })}
                {leads_flag(node.open_leads, width)}
            }
        })
    };
    view! {
        <g
            class="node"
            data-gap=move || face.with(|node| node.as_ref().map(|node| node.class.key()))
            data-off=off
            data-id=id.to_string()
            data-node=move || face.with(|node| node.as_ref().map(|node| node.code.clone()))
            data-over=move || over.get().then_some("true")
            role="button"
            tabindex="0"
            aria-pressed=move || chosen.get().to_string()
            aria-label=move || face.with(|node| node.as_ref().map(|node| label(words, node)))
            transform=format!("translate({} {})", place.x, place.y)
            on:mouseenter=move |_| state.hovered.set(Some(id))
            on:mouseleave=move |_| state.hovered.set(None)
            on:focus=move |_| state.hovered.set(Some(id))
            on:blur=move |_| state.hovered.set(None)
            on:click=move |_| choose.run(Some(id))
            on:dragover=move |event: ev::DragEvent| if dropped.is_some() {
                event.prevent_default();
                over.set(true);
            }
            on:dragleave=move |_| over.set(false)
            on:drop=move |event: ev::DragEvent| if let Some(dropped) = dropped {
                event.prevent_default();
                over.set(false);
                dropped.run(id);
            }
            on:keydown=move |event| on_key(&event, id, steps, move || choose.run(Some(id)))
        >
            {move || chosen.get().then(|| view! {
                <rect class="sel" x="-4" y="-4" width=(width + 8.0).to_string() height=(height + 8.0).to_string()></rect>
            })}
            <rect class="box" width=width.to_string() height=height.to_string()></rect>
            {inside}
        </g>
    }
}

/// Enter and space act, arrows walk.
fn on_key(event: &ev::KeyboardEvent, id: i64, steps: Callback<(i64, String)>, act: impl FnOnce()) {
    match pressed(event, Scope::Map) {
        Some(Act::OpenNode) => act(),
        Some(Act::Walk) => steps.run((id, event.key())),
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}

fn leads_flag(leads: u64, width: f64) -> Option<impl IntoView> {
    (leads > 0).then(|| {
        view! {
            <rect class="ld" x=(width - 14.0).to_string() y="-10" width="17" height="15"></rect>
            <text class="ldn" x=(width - 5.5).to_string() y="1.8">{leads}</text>
        }
    })
}

/// The classes in the order in which a box has room for them.
const SPOKEN: [GapClass; 7] = [
    GapClass::Missing,
    GapClass::Weak,
    GapClass::Extension,
    GapClass::Unknown,
    GapClass::Strong,
    GapClass::Present,
    GapClass::Blank,
];

/// A box that stands for several nodes: its name, and the classes in it by mark and count. It unfolds when clicked.
#[component]
fn Several(
    one: FoldedNode,
    place: NodeBox,
    faces: Signal<Faces>,
    state: MapState,
    steps: Callback<(i64, String)>,
) -> impl IntoView {
    let words = use_words();
    let id = one.id;
    let name = one
        .key
        .group
        .clone()
        .unwrap_or_else(|| words.stream(one.key.stage).to_owned());
    let count = one.members.len();
    let members = one.members.clone();
    // Counted from how the nodes look at the moment, and what is missing before what is there.
    let classes = Memo::new(move |_| {
        faces.with(|faces| {
            SPOKEN
                .into_iter()
                .map(|class| {
                    let of_class = members
                        .iter()
                        .filter(|id| faces.get(id).is_some_and(|node| node.class == class));
                    (class, of_class.count())
                })
                .filter(|(_, count)| *count > 0)
                .collect::<Vec<_>>()
        })
    });
    let title = name.clone();
    let label = move || {
        let listed = classes.with(|classes| {
            classes
                .iter()
                .map(|(class, count)| format!("{} {count}", words.gap_class(*class)))
                .collect::<Vec<_>>()
                .join(words.list_comma())
        });
        words.folded_label(title.clone(), count, listed)
    };
    let marks = move || {
        classes
            .get()
            .into_iter()
            .take(3)
            .zip(0..)
            .map(|((class, count), place)| {
                let at = 7.0 + 30.0 * f64::from(place);
                view! {
                    <g class=format!("c-{}", class.key())>
                        <use href=format!("#gap-{}", class.key()) x=at.to_string() y="25" width="13" height="13"></use>
                        <text x=(at + 15.0).to_string() y="36">{count}</text>
                    </g>
                }
            })
            .collect_view()
    };
    let first = one.members.first().copied();
    let (width, height) = (place.width, place.height);
    let key = one.key;
    let unfold = Callback::new(move |()| {
        state.folds.update(|folds| {
            folds.remove(&key);
        });
        // The box is gone; whoever opened it goes on at the first node in it.
        if let Some(first) = first {
            request_animation_frame(move || focus_node(first));
        }
    });
    view! {
        <g
            class="node several"
            data-id=id.to_string()
            role="button"
            tabindex="0"
            aria-expanded="false"
            aria-label=label
            transform=format!("translate({} {})", place.x, place.y)
            on:mouseenter=move |_| state.hovered.set(Some(id))
            on:mouseleave=move |_| state.hovered.set(None)
            on:focus=move |_| state.hovered.set(Some(id))
            on:blur=move |_| state.hovered.set(None)
            on:click=move |_| unfold.run(())
            on:keydown=move |event| on_key(&event, id, steps, move || unfold.run(()))
        >
            <rect class="box back" x="4" y="-4" width=width.to_string() height=height.to_string()></rect>
            <rect class="box" width=width.to_string() height=height.to_string()></rect>
            <text class="name" x="7" y="18">{format!("{name} {count}")}</text>
            {marks}
            {leads_flag(one.open_leads, width)}
        </g>
    }
}
