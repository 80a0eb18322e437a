/** How the picture of a timeline looks: on light and on dark, told apart by shape and pattern as well as by colour. */

type Palette = Readonly<
  Record<
    | 'page'
    | 'past'
    | 'text'
    | 'quiet'
    | 'line'
    | 'now'
    | 'nowText'
    | 'standby'
    | 'standbyEdge'
    | 'standbyText'
    | 'active'
    | 'activeText'
    | 'retiring'
    | 'retiringStripe'
    | 'retiringText'
    | 'revoked',
    string
  >
>;

const light: Palette = {
  page: '#ffffff',
  past: '#f3f5f8',
  text: '#1c2330',
  quiet: '#566173',
  line: '#d5dbe4',
  now: '#b3123f',
  nowText: '#ffffff',
  standby: '#eaf1fd',
  standbyEdge: '#3f74cf',
  standbyText: '#234f9c',
  active: '#15744a',
  activeText: '#ffffff',
  retiring: '#fdf0d2',
  retiringStripe: '#edc46b',
  retiringText: '#5c3d00',
  revoked: '#b3123f',
};

const dark: Palette = {
  page: '#10141b',
  past: '#171c26',
  text: '#e8ecf3',
  quiet: '#9aa6b8',
  line: '#323a48',
  now: '#ff7a9a',
  nowText: '#2b0410',
  standby: '#16243d',
  standbyEdge: '#6f9ef0',
  standbyText: '#b5cffb',
  active: '#3fbf83',
  activeText: '#04200f',
  retiring: '#3b2d10',
  retiringStripe: '#7d5c17',
  retiringText: '#ffe3a6',
  revoked: '#ff7a9a',
};

/** Plain values, not custom properties: not every program that draws SVG knows those. */
function paint(colours: Palette): string {
  return `
    .tessera .page { fill: ${colours.page} }
    .tessera .past { fill: ${colours.past} }
    .tessera text { fill: ${colours.text} }
    .tessera .quiet { fill: ${colours.quiet} }
    .tessera .guide, .tessera .axis, .tessera .gone { stroke: ${colours.line} }
    .tessera .gone { stroke: ${colours.quiet} }
    .tessera .now line { stroke: ${colours.now} }
    .tessera .now rect { fill: ${colours.now} }
    .tessera .now text { fill: ${colours.nowText} }
    .tessera .standby path { fill: ${colours.standby}; stroke: ${colours.standbyEdge} }
    .tessera .standby text { fill: ${colours.standbyText} }
    .tessera .active path { fill: ${colours.active} }
    .tessera .active text { fill: ${colours.activeText} }
    .tessera .stripes rect { fill: ${colours.retiring} }
    .tessera .stripes line { stroke: ${colours.retiringStripe} }
    .tessera .retiring path { stroke: ${colours.retiringStripe} }
    .tessera .retiring text { fill: ${colours.retiringText}; stroke: ${colours.retiring} }
    .tessera .revoked { stroke: ${colours.revoked} }
    .tessera .revoked text { fill: ${colours.revoked}; stroke: none }
    .tessera .hand-over { stroke: ${colours.active} }
    .tessera .hand-over path { fill: ${colours.active} }`;
}

export const style = `
    .tessera { color-scheme: light dark; font: 12px system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif }
    .tessera text { font-variant-numeric: tabular-nums }
    .tessera .heading { font-size: 20px; font-weight: 600 }
    .tessera .kid { font: 600 13px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; white-space: pre }
    .tessera .small { font-size: 11px }
    .tessera .middle { text-anchor: middle }
    .tessera .guide { stroke-width: 1; stroke-dasharray: 2 3 }
    .tessera .axis { stroke-width: 1 }
    .tessera .gone { stroke-width: 1.5; stroke-dasharray: 0.1 6; stroke-linecap: round }
    .tessera .now line { stroke-width: 1.5 }
    .tessera .now text { font-weight: 600 }
    .tessera .standby path { stroke-width: 1.25; stroke-dasharray: 4 3 }
    .tessera .active text { font-weight: 600 }
    .tessera .retiring path { fill: url(#tessera-stripes); stroke-width: 1 }
    .tessera .retiring text { stroke-width: 4; paint-order: stroke; stroke-linejoin: round }
    .tessera .stripes line { stroke-width: 3 }
    .tessera .revoked { stroke-width: 2.5; stroke-linecap: round; fill: none }
    .tessera .hand-over { stroke-width: 2; fill: none }
    ${paint(light).trim()}
    @media (prefers-color-scheme: dark) {${paint(dark).replaceAll('\n  ', '\n    ')}
    }`;
