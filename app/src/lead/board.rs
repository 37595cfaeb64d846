//! The bureau's board: a column a stage, counts and sums exact, cards by the page.

use domain::{
    audit::{RecordKind, UndoAct},
    lead::{Board, BoardColumn, LeadCard, SILENT_DAYS, Stage, StageMove, StageRule, stage_move},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    board, board_column,
    gate::{GateDialog, Moved, Passage},
};
use crate::{
    audit::done_undoable,
    component::{GapMark, Icon, PageTitle, StageTag, load, submit, use_toasts},
    error::AppError,
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

/// What dragging and moving need to know, for every card and column.
#[derive(Clone, Copy)]
struct Moves {
    dragged: RwSignal<Option<LeadCard>>,
    passage: RwSignal<Option<Passage>>,
    may_write: bool,
}

#[component]
fn BoardView(board: Board, refetch: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let moves = Moves {
        dragged: RwSignal::new(None),
        passage: RwSignal::new(None),
        may_write: board.may_write,
    };
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
            <div class="board">
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
            on:dragover=move |event| {
                if matches!(reach(), Some(Some(_))) {
                    event.prevent_default();
                }
            }
            on:drop=move |event| {
                event.prevent_default();
                if let Some(card) = moves.dragged.get_untracked()
                    && stage_move(card.stage, stage).is_some()
                {
                    moves.dragged.set(None);
                    moves.passage.set(Some(Passage { card, to: stage }));
                }
            }
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
    let late = format::late(words, &card);
    let silent = (card.silent_days >= SILENT_DAYS).then_some(card.silent_days);
    view! {
        <li
            class="card"
            tabindex="0"
            data-lead=card.id.to_string()
            draggable=moves.may_write.then_some("true")
            on:dragstart=move |event| {
                if let Some(transfer) = event.data_transfer() {
                    // Firefox starts no drag without data.
                    let _ = transfer.set_data("text/plain", &drag.id.to_string());
                }
                moves.dragged.set(Some(drag.clone()));
            }
            on:dragend=move |_| moves.dragged.set(None)
            on:keydown=move |event| {
                if event.key().eq_ignore_ascii_case("m") && !event.ctrl_key() && !event.meta_key() {
                    event.prevent_default();
                    by_key();
                }
            }
        >
            <p class="h">
                <a href=format!("/leads/{}", card.id)>{card.enterprise_name.clone()}</a>
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
