// The chart of a forecast: what was, and the fan of what may come.

import uPlot from './uplot/uPlot.esm.js'
import { json } from './fetch.js'

for (const figure of document.querySelectorAll('[data-chart]')) draw(figure)

async function draw(figure) {
  const job = `/v1/jobs/${encodeURIComponent(figure.dataset.chart)}`
  const asset = figure.dataset.asset
  const which = asset === undefined ? '' : `&asset=${encodeURIComponent(asset)}`
  let answer, past
  try {
    [answer, past] = await Promise.all([json(`${job}/answer?limit=1${which}${which ? '' : '&brief=true'}`), json(`${job}/history?last=250${which}`)])
  } catch {
    say(figure, 'The chart could not be fetched. The numbers are in the table beneath.')
    return
  }
  const forecast = asset === undefined ? answer.overall : answer.assets[0]
  if (!forecast?.mean?.length) return
  const shape = shapeOf(forecast, past)
  let plot
  let log = false
  const make = () => {
    const range = plot?.scales.x
    plot?.destroy()
    plot = new uPlot(options(figure, shape, log), shape.data, figure)
    if (range) plot.setScale('x', { min: range.min, max: range.max })
  }
  make()
  steer(figure, shape, () => plot, () => {
    log = !log
    make()
    return log
  })
  new ResizeObserver(() => plot.setSize(sizeOf(figure))).observe(figure)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', make)
  if (past.note) say(figure, past.note)
}

// steer lets a person look closer, without a mouse, too: buttons for the scale and the range of times, arrows that read out the values.
// Dragging a mouse over the chart chooses a range as well, and a double click shows all.
function steer(figure, shape, plot, turn) {
  const bar = document.createElement('p')
  bar.className = 'toolbar'
  const button = (text, act) => {
    const b = document.createElement('button')
    b.type = 'button'
    b.textContent = text
    b.addEventListener('click', () => act(b))
    bar.append(b)
    return b
  }
  const last = shape.times.length - 1
  const show = min => plot().setScale('x', { min: Math.max(0, Math.min(min, last - 1)), max: last })
  button('Zoom in', () => show(last - (last - plot().scales.x.min) / 2)) // to the forecast
  button('Zoom out', () => show(last - 2 * (last - plot().scales.x.min)))
  if (shape.data.slice(1).every(values => values.every(v => v == null || v > 0))) {
    button('Logarithmic', b => b.setAttribute('aria-pressed', turn())).setAttribute('aria-pressed', false)
  }
  const said = document.createElement('output')
  said.className = 'quiet'
  bar.append(said)
  figure.before(bar)
  figure.tabIndex = 0
  figure.setAttribute('role', 'group')
  figure.addEventListener('keydown', event => {
    const at = plot().cursor.idx ?? shape.before
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key]
    if (next === undefined || event.target !== figure) return
    event.preventDefault()
    const k = Math.max(Math.ceil(plot().scales.x.min), Math.min(last, next))
    plot().setCursor({ left: plot().valToPos(k, 'x'), top: 0 })
    const read = name => plot().series.findIndex(s => s.label === name)
    const [past, forecast] = [shape.data[read('Past')][k], shape.data[read('Forecast')][k]]
    said.textContent = `${shape.times[k]}: ${past == null ? `forecast ${text(forecast)}` : text(past)}`
  })
}

// text is a number for people.
function text(v) { return v == null ? '–' : v.toLocaleString('en', { maximumSignificantDigits: 7 }) }

// ticks are round numbers on a logarithmic axis: 1, 2 and 5 of each power of ten, or equal steps where it spans less than one.
function ticks(lo, hi) {
  const out = []
  if (hi / lo < 10) {
    const rough = (hi - lo) / 5
    const power = 10 ** Math.floor(Math.log10(rough))
    const step = power * [1, 2, 5, 10].find(m => m * power >= rough)
    for (let v = Math.ceil(lo / step) * step; v <= hi; v += step) out.push(Number(v.toPrecision(12)))
    return out
  }
  for (let power = 10 ** Math.floor(Math.log10(lo)); power <= hi; power *= 10) {
    for (const v of hi / lo < 1e4 ? [power, 2 * power, 5 * power] : [power]) if (v >= lo && v <= hi) out.push(v)
  }
  return out
}

function say(figure, sentence) {
  const p = document.createElement('p')
  p.className = 'quiet'
  p.textContent = sentence
  figure.after(p)
}

// shapeOf puts the past and the forecast on one axis, which counts their times: weekends and
// holidays leave no gap. The fan begins at the last value.
function shapeOf(forecast, past) {
  const before = past.y.length
  const steps = forecast.mean.length
  const times = [...past.ds, ...(forecast.ds ?? forecast.mean.map((_, k) => `step ${k + 1}`))]
  const x = Array.from({ length: before + steps }, (_, k) => k)
  const pad = values => {
    const out = Array(before).fill(null)
    if (before > 0) out[before - 1] = past.y[before - 1]
    return out.concat(values)
  }
  const levels = Object.keys(forecast.lo ?? {}).sort((a, b) => b - a)
  const data = [x, [...past.y, ...Array(steps).fill(null)], pad(forecast.mean)]
  for (const level of levels) data.push(pad(forecast.hi[level]), pad(forecast.lo[level]))
  const together = Object.keys(forecast.band?.lo ?? {}).sort((a, b) => b - a)
  for (const level of together) data.push(pad(forecast.band.hi[level]), pad(forecast.band.lo[level]))
  return { times, levels, together, data, before }
}

function sizeOf(figure) {
  const width = Math.max(240, figure.clientWidth)
  return { width, height: Math.round(Math.min(420, Math.max(220, width * 0.42))) }
}

// colour reads a colour of the sheet as it is now, light or dark.
function colour(figure, name) {
  const probe = document.createElement('span')
  probe.style.color = `var(${name})`
  figure.append(probe)
  const found = getComputedStyle(probe).color
  probe.remove()
  return found
}

function options(figure, shape, log) {
  const ink = colour(figure, '--quiet')
  const line = colour(figure, '--line')
  const accent = colour(figure, '--accent')
  const shade = (k, of) => accent.replace(/^rgb\((.*)\)$/, `rgba($1, ${(0.12 + 0.2 * k / of).toFixed(2)})`)
  const axis = { stroke: ink, font: '12px system-ui, sans-serif', grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } }
  const series = [
    { label: 'Time', value: (_, k) => k == null ? '–' : shape.times[k] },
    { label: 'Past', stroke: colour(figure, '--series'), width: 1.5, points: { show: shape.before < 3 }, value: (_, v) => text(v) },
    { label: 'Forecast', stroke: accent, width: 2, points: { show: shape.data[2].length - shape.before < 2 }, value: (_, v) => text(v) },
  ]
  const bands = []
  shape.levels.forEach((level, k) => {
    const at = series.length
    series.push({ label: `${level} % to`, stroke: shade(k, shape.levels.length), width: 1, points: { show: false }, value: (_, v) => text(v) },
      { label: `${level} % from`, stroke: shade(k, shape.levels.length), width: 1, points: { show: false }, value: (_, v) => text(v) })
    bands.push({ series: [at, at + 1], fill: shade(k, shape.levels.length) })
  })
  const edge = { stroke: colour(figure, '--warn'), width: 1.5, dash: [6, 3], points: { show: false }, value: (_, v) => text(v) }
  for (const level of shape.together) series.push({ label: `all steps ${level} % to`, ...edge }, { label: `all steps ${level} % from`, ...edge })
  return {
    ...sizeOf(figure), series, bands,
    scales: { x: { time: false }, y: log ? { distr: 3, range: (_, lo, hi) => [lo / (hi / lo) ** 0.05, hi * (hi / lo) ** 0.05] } : {} },
    axes: [
      { ...axis, space: 90, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], values: (_, splits) => splits.map(k => shape.times[k] ?? '') },
      { ...axis, ...(log ? { splits: (_, __, lo, hi) => ticks(lo, hi), filter: (_, splits) => splits } : {}), size: (_, values) => Math.max(44, 16 + 7 * Math.max(0, ...(values ?? []).map(v => v.length))), values: (_, splits) => splits.map(text) },
    ],
    padding: [null, 36, null, null], // for half of the last time
    cursor: { y: false },
    legend: { live: true },
  }
}
