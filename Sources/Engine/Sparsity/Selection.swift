/// Exact selection by count or by threshold over the scores of one or more layers, ties by (layer, position).
package enum Selection {
}
