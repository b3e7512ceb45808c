//! What readers see: level 2 by price, level 3 by order.

use super::Market;
use super::book::Book;
use super::lists::{List, ListView, Lists};
use super::order::{Order, Place};
use super::orders::OrderView;
use super::slab::NONE;
use outcry_protocol::{Side, Text};
use std::collections::BTreeMap;

/// A price level as the book shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DepthLevel {
    /// The price in ticks.
    pub price_ticks: i64,
    /// Shown lots of all orders there; 2^64 - 1 stands for more.
    pub quantity_lots: u64,
    /// How many orders stand there.
    pub orders: u32,
}

/// An order's place in the queue at its price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueuePosition {
    /// Orders before it.
    pub orders_ahead: u32,
    /// What they show, in lots; 2^64 - 1 stands for more.
    pub lots_ahead: u64,
}

impl Book {
    /// Levels of a side, best first.
    pub(crate) fn depth(&self, side: Side) -> impl Iterator<Item = DepthLevel> {
        self.sides[side.index()].levels().map(|(_, place)| {
            let level = &self.levels[place];
            DepthLevel {
                price_ticks: level.price_ticks,
                quantity_lots: u64::try_from(level.shown_lots()).unwrap_or(u64::MAX),
                orders: level.orders,
            }
        })
    }
}

impl Market {
    /// An open order, or `None`.
    pub(crate) fn order(&self, order_id: u64) -> Option<OrderView> {
        let place = self.orders.find(order_id);
        if place == NONE {
            return None;
        }
        self.view(place)
    }

    /// The live order of an account with this client order id, or `None`.
    pub(crate) fn client_order(
        &self,
        account: u32,
        client: Text<36>,
        time_ns: u64,
    ) -> Option<OrderView> {
        match self.orders.find_client(account, client, time_ns) {
            NONE => None,
            place => self.view(place),
        }
    }

    /// At most `most` open orders of an account on an instrument, 0 for all, by id. Where the
    /// account's wallet is known no others are looked at.
    pub(crate) fn account_orders(
        &self,
        account: u32,
        instrument: u32,
        wallet: Option<u32>,
        most: usize,
    ) -> Vec<OrderView> {
        let matches = |order: &&Order| {
            (account == 0 || order.account == account)
                && (instrument == 0 || order.instrument == instrument)
        };
        let mut found: Vec<&Order> = if let Some(wallet) = wallet {
            self.orders.of_wallet(wallet).filter(matches).collect()
        } else {
            let all = self.orders.iter().map(|(_, order)| order);
            all.filter(matches).collect()
        };
        found.sort_unstable_by_key(|order| order.id);
        found.truncate(most);
        found
            .into_iter()
            .filter_map(|order| self.view(self.orders.find(order.id)))
            .collect()
    }

    /// A list that lives, or `None`.
    pub(crate) fn list(&self, list_id: u64) -> Option<ListView> {
        let list = self.orders.lists.get(list_id)?;
        Some(Lists::view(list_id, list))
    }

    /// At most `most` living lists of an account on an instrument, 0 for all, by id. Where the
    /// account's wallet is known no others are looked at.
    pub(crate) fn lists(
        &self,
        account: u32,
        instrument: u32,
        wallet: Option<u32>,
        most: usize,
    ) -> Vec<ListView> {
        let takes = |wanted: u32, found: u32| wanted == 0 || wanted == found;
        let matches =
            |list: &List| takes(account, list.account) && takes(instrument, list.instrument);
        let view = |(list_id, list): (u64, List)| Lists::view(list_id, &list);
        if let Some(wallet) = wallet {
            let own = self.orders.of_wallet(wallet);
            let own: BTreeMap<u64, List> = own
                .filter_map(|order| self.orders.list_of(order))
                .filter(|(_, list)| matches(list))
                .collect();
            return own.into_iter().take(most).map(view).collect();
        }
        let all = self.orders.lists.iter().map(|(id, list)| (id, *list));
        let found = all.filter(|(_, list)| matches(list));
        found.take(most).map(view).collect()
    }

    fn view(&self, place: u32) -> Option<OrderView> {
        let order = &self.orders.pool[place];
        let life = self.orders.life(place);
        let order_id = order.id;
        let book = self.books.get(order.instrument)?;
        let extra = self.orders.extra(order);
        let rests = order.place() == Place::Resting;
        Some(OrderView {
            order_id,
            account: order.account,
            instrument: order.instrument,
            side: order.side,
            order_type: order.order_type,
            time_in_force: order.time_in_force,
            place: order.place(),
            price_ticks: book.price_of(&self.orders, order),
            stop_ticks: extra.stop_ticks,
            open_lots: order.open_lots,
            done_lots: order.done_lots,
            shown_lots: if rests {
                self.orders.shown_lots(order)
            } else {
                0
            },
            self_trade: order.self_trade(),
            post_only: order.is_post_only(),
            display_lots: extra.display_lots,
            trigger: extra.trigger,
            stop_unit: extra.stop_unit,
            distance: extra.distance,
            expire_time_ns: extra.expire_time_ns,
            list_id: extra.list_id,
            entered_ns: life.entered_ns,
            changed_ns: life.changed_ns,
            traded_value: life.traded_value,
            client_order_id: extra.client_order_id,
        })
    }

    /// The place of a resting order in its level's queue, or `None`. Walks the level.
    pub(crate) fn queue_position(&self, order_id: u64) -> Option<QueuePosition> {
        let place = self.orders.find(order_id);
        if place == NONE || self.orders.pool[place].level == NONE {
            return None;
        }
        let order = &self.orders.pool[place];
        let book = self.books.get(order.instrument)?;
        let mut position = QueuePosition {
            orders_ahead: 0,
            lots_ahead: 0,
        };
        for ahead in book
            .places(&self.orders, order.level)
            .take_while(|other| *other != place)
        {
            position.orders_ahead += 1;
            let shown = self.orders.shown_lots(&self.orders.pool[ahead]);
            position.lots_ahead = position.lots_ahead.saturating_add(shown);
        }
        Some(position)
    }
}
