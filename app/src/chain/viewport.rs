//! How a map is moved and scaled: a box that scrolls, so that the browser pans it by itself, and a drawing whose size
//! is the scale. Gestures: drag, wheel with Ctrl, two fingers, keys.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use domain::chain::{ChainMap, FoldKey, Layout, folded};
use leptos::{
    ev,
    html::Div,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement},
};

use crate::{
    component::Icon,
    find::keys::{Act, Scope, pressed},
    words::use_words,
};

/// Smallest and largest scale; 1 is one unit of the drawing a pixel.
const SCALES: (f64, f64) = (0.08, 3.0);
/// A small map is not blown up beyond this to fill its box.
const FITTED: f64 = 1.3;
/// A step of the buttons and keys.
const STEP: f64 = 1.25;
/// Maps with more nodes are drawn in outline from afar, and only where one looks from near.
pub(crate) const WHOLE_NODES: usize = 600;
/// From this scale on a large map shows its nodes one by one.
pub(super) const NEAR_SCALE: f64 = 0.4;
/// Edge of the squares, in units of the drawing, by which the part in view is named: it changes seldom.
const SQUARE: f64 = 800.0;
/// A pointer that moved less than this, in pixels, was a click.
const CLICK: f64 = 4.0;

/// Which leads a node must have to be in the light.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Owner {
    #[default]
    Any,
    /// Somebody follows it.
    Followed,
    /// Nobody does.
    Nobody,
    Bureau(i64),
}

/// The part of a drawing that is in view, in units of the drawing, by whole squares: left, top, right, bottom.
pub(super) type Part = (i32, i32, i32, i32);

/// What a reader does with a map. All of it stays in the page but the chosen node, which is in the address.
#[derive(Clone, Copy)]
pub(crate) struct MapState {
    pub chosen: Memo<Option<i64>>,
    pub hidden: RwSignal<HashSet<&'static str>>,
    pub find: RwSignal<String>,
    pub owner: RwSignal<Owner>,
    pub folds: RwSignal<BTreeSet<FoldKey>>,
    pub hovered: RwSignal<Option<i64>>,
    /// `None` fits the whole map into the box.
    pub scale: RwSignal<Option<f64>>,
    pub(super) part: RwSignal<Part>,
    /// How far the box was scrolled, for a drawing that is made anew.
    scrolled: StoredValue<(i32, i32)>,
    pub(super) viewport: NodeRef<Div>,
}

impl MapState {
    pub(crate) fn new(chosen: Memo<Option<i64>>) -> Self {
        Self {
            chosen,
            hidden: RwSignal::default(),
            find: RwSignal::default(),
            owner: RwSignal::default(),
            folds: RwSignal::default(),
            hovered: RwSignal::default(),
            scale: RwSignal::default(),
            part: RwSignal::default(),
            scrolled: StoredValue::default(),
            viewport: NodeRef::new(),
        }
    }

    /// Box and drawing, once they are in the page.
    fn elements(&self) -> Option<(Element, Element)> {
        let viewport: Element = self.viewport.get_untracked()?.into();
        let drawing = viewport.query_selector("svg.map").ok()??;
        Some((viewport, drawing))
    }

    /// The scale at which the drawing stands, fitted or set, and how far its left edge lies within its element: what
    /// fits is drawn as large as both directions allow, in the middle of the width.
    fn scale_now(&self, (width, height): (f64, f64)) -> (f64, f64) {
        if let Some(scale) = self.scale.get_untracked() {
            return (scale, 0.0);
        }
        let Some((_, drawing)) = self.elements() else {
            return (1.0, 0.0);
        };
        let drawn = drawing.get_bounding_client_rect();
        let scale = (drawn.width() / width)
            .min(drawn.height() / height)
            .max(0.01);
        (scale, (drawn.width() - width * scale) / 2.0)
    }

    /// Scales by a factor about a point of the box, which stays where it is. Without one, about the middle.
    pub(super) fn scale_by(&self, factor: f64, at: Option<(f64, f64)>, size: (f64, f64)) {
        let Some((viewport, drawing)) = self.elements() else {
            return;
        };
        let (old, indent) = self.scale_now(size);
        let new = (old * factor).clamp(SCALES.0, SCALES.1);
        let rect = viewport.get_bounding_client_rect();
        let (x, y) = at.map_or((rect.width() / 2.0, rect.height() / 2.0), |(x, y)| {
            (x - rect.left(), y - rect.top())
        });
        let inside = drawing.get_bounding_client_rect();
        let (from_left, from_top) = (
            (x + rect.left() - inside.left() - indent) / old,
            (y + rect.top() - inside.top()) / old,
        );
        // Set here and not by the signal's effect alone, so that size and scroll change in one frame.
        let _ = drawing.set_attribute("style", &style(Some(new), size));
        #[allow(clippy::cast_possible_truncation, reason = "pixels")]
        {
            viewport.set_scroll_left((from_left * new - x) as i32);
            viewport.set_scroll_top((from_top * new - y) as i32);
        }
        self.scale.set(Some(new));
        self.look(size);
    }

    /// Back to the whole map in the box.
    pub(super) fn fit(&self, size: (f64, f64)) {
        if let Some((_, drawing)) = self.elements() {
            let _ = drawing.set_attribute("style", &style(None, size));
        }
        self.scale.set(None);
        self.look(size);
    }

    /// Brings a point of the drawing into the middle of the box, near enough to be read.
    pub(super) fn reveal(&self, (x, y): (f64, f64), size: (f64, f64)) {
        let Some((viewport, drawing)) = self.elements() else {
            return;
        };
        let (mut scale, _) = self.scale_now(size);
        if scale < NEAR_SCALE {
            scale = 1.0;
            let _ = drawing.set_attribute("style", &style(Some(scale), size));
            self.scale.set(Some(scale));
        }
        #[allow(clippy::cast_possible_truncation, reason = "pixels")]
        {
            let middle = f64::from(viewport.client_width()) / 2.0;
            viewport.set_scroll_left((x * scale - middle) as i32);
            let middle = f64::from(viewport.client_height()) / 2.0;
            viewport.set_scroll_top((y * scale - middle) as i32);
        }
        self.look(size);
    }

    /// Finds out which part is in view, and remembers where that is.
    fn look(&self, size: (f64, f64)) {
        let Some((viewport, drawing)) = self.elements() else {
            return;
        };
        self.scrolled
            .set_value((viewport.scroll_left(), viewport.scroll_top()));
        let (scale, _) = self.scale_now(size);
        let (outer, inner) = (
            viewport.get_bounding_client_rect(),
            drawing.get_bounding_client_rect(),
        );
        #[allow(clippy::cast_possible_truncation, reason = "squares")]
        let square = |pixels: f64, more: f64| (pixels / scale / SQUARE + more).floor() as i32;
        let part = (
            square(outer.left() - inner.left(), -0.5),
            square(outer.top() - inner.top(), -0.5),
            square(outer.right() - inner.left(), 1.5),
            square(outer.bottom() - inner.top(), 1.5),
        );
        if self.part.get_untracked() != part {
            self.part.set(part);
        }
    }
}

/// Whether a box lies in a part.
pub(super) fn in_part((left, top, right, bottom): Part, x: f64, y: f64) -> bool {
    let within = |value: f64, from: i32, until: i32| {
        value >= f64::from(from) * SQUARE && value < f64::from(until) * SQUARE
    };
    within(x, left, right) && within(y, top, bottom)
}

/// The size of a drawing at a scale; when it fits the box, only how large it may get there.
pub(crate) fn style(scale: Option<f64>, (width, height): (f64, f64)) -> String {
    match scale {
        Some(scale) => format!(
            "inline-size:{:.1}px;block-size:{:.1}px",
            width * scale,
            height * scale
        ),
        None => format!("max-inline-size:{:.0}px", width * FITTED),
    }
}

/// Width and height of a drawing, with the room that its frame takes.
pub(crate) fn drawn_size(layout: &Layout) -> (f64, f64) {
    (layout.width + 10.0, layout.height + 6.0)
}

/// The same for a map as it is folded at the moment.
pub(crate) fn folded_size(map: Arc<ChainMap>, state: MapState) -> Signal<(f64, f64)> {
    Memo::new(move |_| drawn_size(&state.folds.with(|folds| folded(&map, folds)).layout)).into()
}

/// Moves the focus, and the view with it, to the element of a node.
pub(super) fn focus_node(id: i64) {
    focus_input(&format!("svg.map [data-id='{id}']"));
}

/// The box in which a drawing is moved, with the buttons for its scale.
#[component]
pub(crate) fn Viewport(
    state: MapState,
    size: Signal<(f64, f64)>,
    children: Children,
) -> impl IntoView {
    let words = use_words();
    // Where the pointer went down and how far the box was scrolled then; whether it moved since.
    let held = StoredValue::new(None::<((f64, f64), (i32, i32))>);
    let moved = StoredValue::new(false);
    let fingers = StoredValue::new(None::<f64>);
    let down = move |event: ev::PointerEvent| {
        if event.pointer_type() == "touch" || event.button() != 0 {
            return;
        }
        if let Some((viewport, _)) = state.elements() {
            let at = (f64::from(event.client_x()), f64::from(event.client_y()));
            held.set_value(Some((at, (viewport.scroll_left(), viewport.scroll_top()))));
            moved.set_value(false);
        }
    };
    let drag = move |event: ev::PointerEvent| {
        let Some(((x, y), (left, top))) = held.get_value() else {
            return;
        };
        let (by_x, by_y) = (
            f64::from(event.client_x()) - x,
            f64::from(event.client_y()) - y,
        );
        if !moved.get_value() && by_x.hypot(by_y) < CLICK {
            return;
        }
        if let Some((viewport, _)) = state.elements() {
            if !moved.get_value() {
                moved.set_value(true);
                // From now on the click at the end belongs to the box, and no node takes it for its own.
                let _ = viewport.set_pointer_capture(event.pointer_id());
            }
            #[allow(clippy::cast_possible_truncation, reason = "pixels")]
            {
                viewport.set_scroll_left(left - by_x as i32);
                viewport.set_scroll_top(top - by_y as i32);
            }
        }
    };
    let up = move |_: ev::PointerEvent| held.set_value(None);
    let wheel = move |event: ev::WheelEvent| {
        // A pinch on a touchpad comes as a wheel with Ctrl.
        if event.ctrl_key() || event.meta_key() {
            event.prevent_default();
            let factor = (-event.delta_y() / 400.0).clamp(-0.5, 0.5).exp();
            let at = (f64::from(event.client_x()), f64::from(event.client_y()));
            state.scale_by(factor, Some(at), size.get_untracked());
        }
    };
    let pinch = move |event: ev::TouchEvent| {
        let touches = event.touches();
        let (Some(one), Some(two)) = (touches.get(0), touches.get(1)) else {
            fingers.set_value(None);
            return;
        };
        event.prevent_default();
        let ((one_x, one_y), (two_x, two_y)) = (
            (f64::from(one.client_x()), f64::from(one.client_y())),
            (f64::from(two.client_x()), f64::from(two.client_y())),
        );
        let apart = (one_x - two_x).hypot(one_y - two_y);
        if let Some(before) = fingers.get_value().filter(|before| *before > 0.0) {
            let at = (one_x.midpoint(two_x), one_y.midpoint(two_y));
            state.scale_by(apart / before, Some(at), size.get_untracked());
        }
        fingers.set_value(Some(apart));
    };
    Effect::new(move |_| {
        if let Some(viewport) = state.viewport.get() {
            let (left, top) = state.scrolled.get_value();
            viewport.set_scroll_left(left);
            viewport.set_scroll_top(top);
        }
    });
    let scroll = move |_| state.look(size.get_untracked());
    let by = move |factor: f64| state.scale_by(factor, None, size.get_untracked());
    let key = move |event: ev::KeyboardEvent| {
        match pressed(&event, Scope::Map) {
            Some(Act::ZoomIn) => by(STEP),
            Some(Act::ZoomOut) => by(1.0 / STEP),
            Some(Act::ZoomFit) => state.fit(size.get_untracked()),
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <div class="viewport" tabindex="0" role="region" aria-label=words.map_viewport() node_ref=state.viewport
            on:pointerdown=down on:pointermove=drag on:pointerup=up on:pointercancel=up
            on:wheel=wheel on:touchmove=pinch on:touchend=move |_| fingers.set_value(None)
            on:scroll=scroll on:keydown=key
        >
            {children()}
        </div>
        <div class="zoom">
            <span class="btns">
                <button type="button" class="btn small icon" aria-label=words.zoom_out() on:click=move |_| by(1.0 / STEP)>
                    <Icon name="i-minus"/>
                </button>
                <button type="button" class="btn small" aria-label=words.zoom_reset() on:click=move |_| state.fit(size.get_untracked())>
                    {move || state.scale.get().map_or_else(|| words.zoom_fit().to_owned(), |scale| format!("{:.0} %", scale * 100.0))}
                </button>
                <button type="button" class="btn small icon" aria-label=words.zoom_in() on:click=move |_| by(STEP)>
                    <Icon name="i-plus"/>
                </button>
            </span>
        </div>
    }
}

/// Moves the focus to what a selector names, be it a part of the page or of a drawing.
pub(super) fn focus_input(selector: &str) {
    let Some(element) = document().query_selector(selector).ok().flatten() else {
        return;
    };
    if let Some(input) = element.dyn_ref::<HtmlElement>() {
        let _ = input.focus();
    } else if let Some(part) = element.dyn_ref::<leptos::web_sys::SvgElement>() {
        let _ = part.focus();
    }
}
