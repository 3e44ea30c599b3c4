import { z } from 'zod';

/**
 * Where a passage stands in its document version: always a character range (UTF-16 code units of the version's
 * text), and beside it what the format knows: a PDF page (from 1) with a box `[left, top, right, bottom]` in PDF
 * points from the page's top left corner, start and end in seconds of a recording, or the path of headings.
 */
export const locatorSchema = z.object({
  start: z.int().min(0),
  end: z.int().min(0),
  page: z.int().min(1).optional(),
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]).optional(),
  start_second: z.number().min(0).optional(),
  end_second: z.number().min(0).optional(),
  heading_path: z.array(z.string()).optional(),
});

export type Locator = z.infer<typeof locatorSchema>;
