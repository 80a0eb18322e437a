import { writeFile } from 'node:fs/promises';
import { styleText } from 'node:util';
import type { Command } from 'commander';
import { toRfc3339 } from '../../src/clock.ts';
import { printDrawing, say } from '../../src/terminal.ts';
import { CommandFailure, printJson, subcommand, withDatabase } from '../command-line.ts';
import { lookAhead, plannedKidsHelp, rotationsOption } from './outlook.ts';
import type { Outlook } from '../../src/keys/drawing/outlook.ts';
import { composePicture } from '../../src/keys/drawing/picture.ts';
import { drawSvg } from '../../src/keys/drawing/svg.ts';
import { type Colour, drawText } from '../../src/keys/drawing/text.ts';

type Options = { readonly rotations: number; readonly svg?: string; readonly json: boolean };

export function addTimelineCommand(program: Command): void {
  subcommand(program, 'timeline', 'Draw what each key was, is and will be for.')
    .addOption(rotationsOption())
    .option('--svg <file>', 'write the picture as SVG to this file; - is standard output')
    .addHelpText('after', plannedKidsHelp)
    .action(async (options: Options) => {
      if (options.svg === '-' && options.json)
        throw new CommandFailure('usage', 'error: --json and --svg - cannot both have standard output');
      await withDatabase(async (tools) => {
        await show(await lookAhead(tools, options.rotations), options);
      });
    });
}

async function show(outlook: Outlook, { svg, json }: Options): Promise<void> {
  const picture = composePicture(outlook);
  if (svg === '-') printDrawing(drawSvg(picture));
  else if (svg !== undefined) await writeFile(svg, drawSvg(picture));
  if (json) printJson(viewTimeline(outlook));
  else if (svg === undefined) printDrawing(`${drawText(picture, terminal())}\n`);
  else if (svg !== '-') say(`The picture is in ${svg}.`);
}

/** Colours are for terminals, and for those who have not asked for none (NO_COLOR). */
function terminal(): Parameters<typeof drawText>[1] {
  const { stdout } = process;
  if (!stdout.isTTY) return { columns: 80 };
  return { columns: stdout.columns, colour: stdout.hasColors() ? colour : undefined };
}

function colour(name: Colour, text: string): string {
  return styleText(name, text, { validateStream: false });
}

function viewTimeline({ now, until, keys }: Outlook) {
  return {
    now: toRfc3339(now),
    until: toRfc3339(until),
    keys: keys.map(({ kid, alg, state, spans }) => ({
      kid,
      alg,
      state,
      spans: spans.map((span) => ({
        state: span.state,
        from: toRfc3339(span.from),
        until: span.until === null ? null : toRfc3339(span.until),
      })),
    })),
  };
}
