//! The bureau's board: a column a stage, counts and sums exact, cards by the page.

use domain::{
    audit::{RecordKind, UndoAct},
    lead::{Board, BoardColumn, LeadCard, SILENT_DAYS, Stage, StageMove, StageRule, stage_move},
};
use leptos::{
    ev, html,
    leptos_dom::helpers::IntervalHandle,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition},
};
use leptos_router::hooks::use_query_map;

use super::{
    board, board_column,
    gate::{GateDialog, Moved, Passage},
};
use crate::{
    audit::done_undoable,
    component::{GapMark, Icon, PageTitle, StageTag, load, submit, use_toasts},
    error::AppError,
    find::keys::{Act, Scope, pressed},
    format,
    words::{Locale, problem_sentence, use_words},
};

/// The board of the bureau in the query, or the person's own.
#[component]
pub fn BoardPage() -> impl IntoView {
    let query = use_query_map();
    let bureau = Memo::new(move |_| {
        query.with(|query| query.get("bureau").and_then(|id| id.parse::<i64>().ok()))
    });
    load(
        move || bureau.get(),
        board,
        |board, refetch| view! { <BoardView board refetch/> }.into_any(),
    )
}

/// A pointer that moved less than this, in pixels, has clicked.
const CLICK: f64 = 4.0;
/// So near to the board's side, in pixels, a dragged card moves the board, by so much a step.
const EDGE: f64 = 48.0;
const STEP: i32 = 12;

/// What dragging and moving need to know, for every card and column.
#[derive(Clone, Copy)]
struct Moves {
    dragged: RwSignal<Option<LeadCard>>,
    /// Where the pointer is in the window, in pixels.
    at: RwSignal<(f64, f64)>,
    /// The column under it.
    aim: RwSignal<Option<Stage>>,
    /// The keyboard picked the card up, not the pointer.
    is_lifted: RwSignal<bool>,
    board: NodeRef<html::Div>,
    scrolling: StoredValue<Option<IntervalHandle>>,
    passage: RwSignal<Option<Passage>>,
    may_write: bool,
}

impl Moves {
    fn start(self, card: LeadCard) {
        self.dragged.set(Some(card));
        let step = move || self.scroll();
        self.scrolling
            .set_value(set_interval_with_handle(step, std::time::Duration::from_millis(16)).ok());
    }

    /// Picks a card up by the keyboard; it aims at the last column that it can go to, the next stage where it has one.
    fn lift(self, card: LeadCard) {
        if let Some(aim) = columns_for(card.stage).next_back() {
            self.is_lifted.set(true);
            self.dragged.set(Some(card));
            self.aim_at(aim);
        }
    }

    /// Aims at the neighbour among the columns that the lifted card can go to.
    fn aim_beside(self, is_right: bool) {
        let dragged = self
            .dragged
            .with_untracked(|card| card.as_ref().map(|card| card.stage));
        let (Some(stage), Some(aim)) = (dragged, self.aim.get_untracked()) else {
            return;
        };
        let beside = if is_right {
            columns_for(stage).find(|column| *column > aim)
        } else {
            columns_for(stage).rfind(|column| *column < aim)
        };
        if let Some(beside) = beside {
            self.aim_at(beside);
        }
    }

    fn aim_at(self, stage: Stage) {
        self.aim.set(Some(stage));
        if let Some(Ok(Some(column))) = self
            .board
            .get_untracked()
            .map(|board| board.query_selector(&format!("[data-column={}]", stage.key())))
        {
            let options = ScrollIntoViewOptions::new();
            options.set_block(ScrollLogicalPosition::Nearest);
            options.set_inline(ScrollLogicalPosition::Nearest);
            column.scroll_into_view_with_scroll_into_view_options(&options);
        }
    }

    fn point(self, x: f64, y: f64) {
        self.at.set((x, y));
        #[allow(clippy::cast_possible_truncation, reason = "pixels")]
        let under = document().element_from_point(x as f32, y as f32);
        let column = under.and_then(|under| under.closest("[data-column]").ok().flatten());
        let stage = column
            .and_then(|column| column.get_attribute("data-column"))
            .and_then(|key| Stage::from_key(&key));
        if self.aim.get_untracked() != stage {
            self.aim.set(stage);
        }
    }

    /// One step of the board, when the card is held near its side.
    fn scroll(self) {
        let Some(board) = self.board.get_untracked() else {
            return;
        };
        let board: &HtmlElement = &board;
        let (x, y) = self.at.get_untracked();
        let frame = board.get_bounding_client_rect();
        let by = if x < frame.left() + EDGE {
            -STEP
        } else if x > frame.right() - EDGE {
            STEP
        } else {
            return;
        };
        board.set_scroll_left(board.scroll_left() + by);
        self.point(x, y);
    }

    /// Ends the drag; on a column that the card can go to, the gate asks for what it needs.
    fn end(self, is_dropped: bool) {
        if let Some(Some(handle)) = self.scrolling.try_get_value() {
            handle.clear();
            self.scrolling.set_value(None);
        }
        let (card, aim) = (self.dragged.get_untracked(), self.aim.get_untracked());
        self.dragged.set(None);
        self.is_lifted.set(false);
        self.aim.set(None);
        if let (true, Some(card), Some(to)) = (is_dropped, card, aim)
            && stage_move(card.stage, to).is_some()
        {
            self.passage.set(Some(Passage { card, to }));
        }
    }
}

/// The columns that a card of a stage can go to, from left to right.
fn columns_for(stage: Stage) -> impl DoubleEndedIterator<Item = Stage> {
    Stage::ALL
        .into_iter()
        .filter(move |to| to.is_before_registration() && stage_move(stage, *to).is_some())
}

#[component]
fn BoardView(board: Board, refetch: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let moves = Moves {
        dragged: RwSignal::new(None),
        at: RwSignal::new((0.0, 0.0)),
        aim: RwSignal::new(None),
        is_lifted: RwSignal::new(false),
        board: NodeRef::new(),
        scrolling: StoredValue::new(None),
        passage: RwSignal::new(None),
        may_write: board.may_write,
    };
    on_cleanup(move || {
        if let Some(Some(handle)) = moves.scrolling.try_get_value() {
            handle.clear();
        }
    });
    let total: u64 = board.columns.iter().map(|column| column.count).sum();
    let sum: i64 = board
        .columns
        .iter()
        .map(|column| column.investment_wan)
        .sum();
    let largest = board
        .columns
        .iter()
        .map(|column| column.investment_wan)
        .max()
        .unwrap_or(0)
        .max(1);
    let bureau_id = board.bureau.id;
    let rules = board.rules.clone();
    let (open, later): (Vec<BoardColumn>, Vec<BoardColumn>) = board
        .columns
        .into_iter()
        .partition(|column| column.stage.is_before_registration());
    let later_count: u64 = later.iter().map(|column| column.count).sum();
    let columns = open
        .into_iter()
        .map(|column| {
            let rule = rules
                .iter()
                .find(|rule| rule.stage == column.stage)
                .cloned();
            view! { <Column column rule bureau_id moves largest/> }
        })
        .collect_view();
    let done = Callback::new(move |moved: Moved| {
        let text = words.moved_to(words.stage(moved.to));
        let act = UndoAct {
            kind: RecordKind::Lead,
            id: moved.lead_id,
            version: moved.version,
        };
        done_undoable(toasts, words, text, act, move || {
            // The page may be another one by now.
            let _ = refetch.try_run(());
        });
        refetch.run(());
    });
    let bureaus = (board.bureaus.len() > 1).then(|| {
        view! {
            <div class="btns" role="group" aria-label=words.bureau()>
                {board.bureaus.iter().map(|bureau| view! {
                    <a class="btn" href=format!("/leads?bureau={}", bureau.id)
                        aria-current=(bureau.id == bureau_id).then_some("true")
                        data-pressed=(bureau.id == bureau_id).to_string()>{bureau.name.clone()}</a>
                }).collect_view()}
            </div>
        }
    });
    let name = board.bureau.name.clone();
    view! {
        <PageTitle text=words.board_title(name.clone())/>
        <main class="page board" id="main">
            <div class="page-head">
                <h1>{words.nav_board_long()}</h1>
                {bureaus}
                <a class="btn" href=format!("/leads/list?bureau_id={bureau_id}")>{words.lead_list()}</a>
                <p class="sub">{words.board_sub(
                    name,
                    format::count(total),
                    format::yi(sum),
                    board.rule_pack_version.clone(),
                )}</p>
            </div>
            <div class="board" node_ref=moves.board data-dragging=move || moves.dragged.with(Option::is_some).then_some("true")>
                {columns}
                <aside class="rest">
                    <section class="panel">
                        <header><h2>{words.after_signing()}</h2><span class="end">{format::count(later_count)}<span class="unit">{words.unit_items()}</span></span></header>
                        <ul>
                            {later.into_iter().map(|column| view! {
                                <li>
                                    <StageTag stage=column.stage/>
                                    <span class="num">{format::count(column.count)}<span class="unit">{words.unit_items()}</span></span>
                                    <span class="num">{format::yi(column.investment_wan)}<span class="unit">{words.unit_yi()}</span></span>
                                </li>
                            }).collect_view()}
                        </ul>
                    </section>
                </aside>
            </div>
            <p class="visually-hidden" role="status">
                {move || moves.dragged.get().filter(|_| moves.is_lifted.get()).zip(moves.aim.get())
                    .map(|(card, aim)| words.card_lifted(card.enterprise_name, words.stage(aim)))}
            </p>
            {move || moves.dragged.get().filter(|_| !moves.is_lifted.get()).map(|card| view! {
                <div class="ghost" aria-hidden="true"
                    style=move || { let (x, y) = moves.at.get(); format!("translate:{x:.0}px {y:.0}px") }>{card.enterprise_name}</div>
            })}
            <GateDialog passage=moves.passage rules=Signal::derive(move || rules.clone()) done/>
        </main>
    }
}

/// What a stage asks for, in one line.
fn gate_line(words: Locale, rule: Option<&StageRule>) -> String {
    let Some(rule) = rule else {
        return String::new();
    };
    if rule.evidence.is_empty() {
        return words.gate_registration().to_owned();
    }
    let names: Vec<String> = rule
        .evidence
        .iter()
        .filter(|field| field.required)
        .map(|field| words.evidence_of(field))
        .collect();
    words.gate_needs(names.join("、"))
}

#[component]
fn Column(
    column: BoardColumn,
    rule: Option<StageRule>,
    bureau_id: i64,
    moves: Moves,
    largest: i64,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let stage = column.stage;
    let cards = RwSignal::new(column.cards);
    let count = column.count;
    let pending = RwSignal::new(false);
    let more = move || {
        let offset = cards.with_untracked(Vec::len) as u64;
        submit(
            pending,
            board_column(bureau_id, stage, offset),
            move |outcome| match outcome.and_then(|page| page.read()) {
                Ok(page) => cards.update(|cards| {
                    // Pages may overlap when somebody moved a card meanwhile.
                    for card in page {
                        if cards.iter().all(|known| known.id != card.id) {
                            cards.push(card);
                        }
                    }
                }),
                Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
            },
        );
    };
    let reach = move || {
        moves
            .dragged
            .with(|dragged| dragged.as_ref().map(|card| stage_move(card.stage, stage)))
    };
    let state = move || match reach() {
        Some(Some(_)) => "col over",
        Some(None) => "col shut",
        None => "col",
    };
    let needs = gate_line(words, rule.as_ref());
    let slot_needs = needs.clone();
    #[allow(clippy::cast_precision_loss, reason = "a bar's length")]
    let share = column.investment_wan as f64 / largest as f64;
    view! {
        <section
            class=state
            aria-label=words.stage(stage)
            data-column=stage.key()
            data-aim=move || (moves.aim.get() == Some(stage)).then_some("true")
        >
            <header>
                <h2 class="stage" data-stage=stage.number().to_string()>{words.stage(stage)}</h2>
                <span class="ct">{format::count(count)}<span class="unit">{words.unit_items()}</span></span>
                <span class="sm">{format::yi(column.investment_wan)}<span class="unit">{words.unit_yi()}</span></span>
                <span class="bar thin" data-stage=stage.number().to_string() style=format!("--v:{share:.3}")></span>
                <p class="gate" title=needs.clone()>{needs.clone()}</p>
            </header>
            <ul>
                {move || match reach() {
                    Some(Some(StageMove::Forward)) => Some(view! {
                        <li class="slot"><b>{words.drop_here(words.stage(stage))}</b><span>{slot_needs.clone()}</span></li>
                    }.into_any()),
                    Some(Some(StageMove::Back)) => Some(view! {
                        <li class="slot"><b>{words.drop_here(words.stage(stage))}</b><span>{words.back_needs_reason()}</span></li>
                    }.into_any()),
                    _ => None,
                }}
                <For each=move || cards.get() key=|card| (card.id, card.version) let:card>
                    <Card card moves/>
                </For>
                {(count == 0).then(|| view! { <li class="none muted small">{words.empty_column()}</li> })}
            </ul>
            <div class="more">
                <span>{move || words.loaded_of(cards.with(Vec::len), format::count(count))}</span>
                {move || (cards.with(Vec::len) as u64 != count).then(|| view! {
                    <button type="button" disabled=move || pending.get()
                        on:click=move |_| more()>{words.load_more()}</button>
                })}
            </div>
        </section>
    }
}

#[component]
fn Card(card: LeadCard, moves: Moves) -> impl IntoView {
    let words = use_words();
    let next = card.stage.next();
    let forward = {
        let card = card.clone();
        move || {
            if let Some(to) = next.filter(|_| moves.may_write) {
                moves.passage.set(Some(Passage {
                    card: card.clone(),
                    to,
                }));
            }
        }
    };
    let by_key = forward.clone();
    let drag = card.clone();
    // The pointer that went down on the card, and where.
    let held = StoredValue::new(None::<(i32, f64, f64)>);
    let down = move |event: ev::PointerEvent| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let is_in = |selector: &str| {
            target
                .as_ref()
                .is_some_and(|target| target.closest(selector).ok().flatten().is_some())
        };
        // A finger scrolls wherever it is put down but on the handle; a mouse drags by the whole card.
        let is_free = is_in(".grip") || event.pointer_type() == "mouse" && !is_in("button");
        if moves.may_write && is_free && event.button() == 0 && event.is_primary() {
            let at = (f64::from(event.client_x()), f64::from(event.client_y()));
            held.set_value(Some((event.pointer_id(), at.0, at.1)));
        }
    };
    let dragging = move |event: ev::PointerEvent| {
        let Some((pointer, from_x, from_y)) = held.get_value() else {
            return;
        };
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        if pointer != event.pointer_id() {
            return;
        }
        if moves.dragged.with_untracked(Option::is_none) {
            if (x - from_x).hypot(y - from_y) < CLICK {
                return;
            }
            if let Some(element) = event
                .target()
                .and_then(|target| target.dyn_into::<Element>().ok())
                .and_then(|target| target.closest(".card").ok().flatten())
            {
                // The click at the end is the card's own, and opens no link in it.
                let _ = element.set_pointer_capture(pointer);
            }
            moves.start(drag.clone());
        }
        moves.point(x, y);
    };
    let leave = move |is_dropped: bool| {
        if held.get_value().is_some() {
            held.set_value(None);
            moves.end(is_dropped);
        }
    };
    let id = card.id;
    let is_lifted = move || {
        moves.is_lifted.get()
            && moves
                .dragged
                .with(|dragged| dragged.as_ref().is_some_and(|dragged| dragged.id == id))
    };
    let lifted = card.clone();
    let press = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            if untrack(is_lifted) {
                event.prevent_default();
                moves.end(false);
            } else {
                leave(false);
            }
            return;
        }
        let is_own = event.target() == event.current_target();
        match pressed(&event, Scope::Board) {
            Some(Act::MoveCard) if !untrack(is_lifted) => by_key(),
            // Space and Enter on what stands in the card are its own.
            Some(Act::LiftCard | Act::DropCard) if is_own && untrack(is_lifted) => moves.end(true),
            Some(Act::LiftCard) if is_own && moves.may_write => moves.lift(lifted.clone()),
            Some(Act::AimCard) if untrack(is_lifted) => {
                moves.aim_beside(event.key() == "ArrowRight");
            }
            _ => return,
        }
        event.prevent_default();
    };
    let late = format::late(words, &card);
    let silent = (card.silent_days >= SILENT_DAYS).then_some(card.silent_days);
    view! {
        <li
            class="card"
            tabindex="0"
            data-lead=card.id.to_string()
            data-movable=moves.may_write.then_some("true")
            on:pointerdown=down
            on:pointermove=dragging
            on:pointerup=move |_| leave(true)
            on:pointercancel=move |_| leave(false)
            data-lifted=move || is_lifted().then_some("true")
            on:keydown=press
            on:blur=move |_| if untrack(is_lifted) { moves.end(false) }
        >
            <p class="h">
                <a href=format!("/leads/{}", card.id) draggable="false">{card.enterprise_name.clone()}</a>
                {card.investment_wan.map(|wan| view! {
                    <span class="amt">{format::yi(wan)}<span class="unit">{words.unit_yi_short()}</span></span>
                })}
            </p>
            <p class="nd">
                {card.node.clone().map(|node| view! {
                    {node.class.map(|class| view! { <GapMark class/> })}
                    <span class="clip">{node.name}</span>
                })}
                <span class="who">{words.owner_and_days(card.owner_name.clone(), format::stage_days(&card))}</span>
            </p>
            <p class="bs">
                {card.claim_days_left.filter(|_| card.stage < Stage::Signed).map(|days| view! {
                    <span class="badge" data-kind=if days <= 7 { "warn" } else { "claim" }>
                        {if days < 0 { words.claim_lapsed(-days) } else { words.claim_left(days) }}
                    </span>
                })}
                {silent.map(|days| view! { <span class="badge" data-kind="warn">{words.silent_days(days)}</span> })}
                {late.map(|text| view! { <span class="badge" data-kind="danger"><Icon name="i-clock"/>{text}</span> })}
            </p>
            {next.filter(|_| moves.may_write).map(|to| view! {
                <p class="pr">
                    // For the finger alone: the keyboard has M, and the button beside it says the same.
                    <span class="grip" aria-hidden="true" title=words.drag_handle()><Icon name="i-grip"/></span>
                    <button type="button" class="btn small quiet"
                        aria-label=words.forward_card(card.enterprise_name.clone(), words.stage(to))
                        on:click=move |_| forward()>
                        {words.forward_to_stage(words.stage(to))}
                    </button>
                </p>
            })}
        </li>
    }
}
