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
  const make = () => {
    plot?.destroy()
    plot = new uPlot(options(figure, shape), shape.data, figure)
  }
  make()
  new ResizeObserver(() => plot.setSize(sizeOf(figure))).observe(figure)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', make)
  if (past.note) say(figure, past.note)
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

function options(figure, shape) {
  const ink = colour(figure, '--quiet')
  const line = colour(figure, '--line')
  const accent = colour(figure, '--accent')
  const shade = (k, of) => accent.replace(/^rgb\((.*)\)$/, `rgba($1, ${(0.12 + 0.2 * k / of).toFixed(2)})`)
  const text = v => v == null ? '–' : v.toLocaleString('en', { maximumSignificantDigits: 7 })
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
    scales: { x: { time: false } },
    axes: [
      { ...axis, space: 90, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], values: (_, splits) => splits.map(k => shape.times[k] ?? '') },
      { ...axis, size: (_, values) => Math.max(44, 16 + 7 * Math.max(0, ...(values ?? []).map(v => v.length))), values: (_, splits) => splits.map(text) },
    ],
    cursor: { y: false },
    legend: { live: true },
  }
}
